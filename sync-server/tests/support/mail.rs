//! A mail server as a stand-in, which takes everything and keeps it for the test.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
    thread,
};

/// Its port, and the letters that it takes, each as it is sent.
pub(crate) fn server() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (letters, taken) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).is_ok();
            say("220 stand-in");
            while let Some(Ok(line)) = lines.next() {
                if line == "DATA" {
                    say("354 go on");
                    let letter: Vec<String> = lines
                        .by_ref()
                        .map_while(Result::ok)
                        .take_while(|line| line != ".")
                        .collect();
                    if letters.send(letter.join("\n")).is_err() {
                        return;
                    }
                }
                if !say("250 good") || line == "QUIT" {
                    break;
                }
            }
        }
    });
    (port, taken)
}

/// The settings of a relay that gives its letters to that server.
pub(crate) fn settings(port: u16) -> [String; 4] {
    [
        "mail.host=127.0.0.1".to_owned(),
        format!("mail.port={port}"),
        "mail.tls=none".to_owned(),
        "mail.from=Quire <quire@example.org>".to_owned(),
    ]
}

/// The text of a letter, put together again where the transport has broken it.
pub(crate) fn text_of(letter: &str) -> String {
    letter.replace("=\n", "").replace("=3D", "=")
}
