//! A provider that says whatever a test wants: a real one would not lie. It speaks just enough HTTP for that.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

pub(crate) struct Liar {
    pub(crate) issuer: String,
    key: EncodingKey,
    jwk: Value,
    token: Arc<Mutex<String>>,
}

fn new_key() -> EncodingKey {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let private = pair.to_pkcs8v1().unwrap();
    EncodingKey::from_ec_der(private.as_ref())
}

impl Liar {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = new_key();
        let mut jwk =
            serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap()).unwrap();
        jwk["kid"] = json!("one");
        jwk["use"] = json!("sig");
        let token = Arc::new(Mutex::new(String::new()));
        let liar = Self { issuer, key, jwk, token };
        let (about, keys, token) = (liar.about(), liar.keys(), Arc::clone(&liar.token));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &about, &keys, &token);
            }
        });
        liar
    }

    fn about(&self) -> Value {
        let issuer = &self.issuer;
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            // It would like that.
            "id_token_signing_alg_values_supported": ["none", "HS256", "ES256"],
        })
    }

    fn keys(&self) -> Value {
        json!({ "keys": [self.jwk] })
    }

    /// What an honest provider says.
    pub(crate) fn honest_claims(&self, client: &str, nonce: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        json!({
            "iss": self.issuer, "aud": client, "sub": "ann", "nonce": nonce, "iat": now, "exp": now + 300,
            "email": "ann@example.org", "email_verified": true, "name": "Ann",
        })
    }

    /// The next code is answered with this ID token.
    pub(crate) fn answer_with(&self, token: String) {
        *self.token.lock().unwrap() = token;
    }

    fn header(algorithm: Algorithm) -> Header {
        Header { kid: Some("one".to_owned()), ..Header::new(algorithm) }
    }

    /// Signed as it should be.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        jsonwebtoken::encode(&Self::header(Algorithm::ES256), claims, &self.key).unwrap()
    }

    /// Signed by somebody whose key nobody knows.
    pub(crate) fn stranger_signs(&self, claims: &Value) -> String {
        jsonwebtoken::encode(&Self::header(Algorithm::ES256), claims, &new_key()).unwrap()
    }

    /// Signed with a secret.
    pub(crate) fn hmac(&self, claims: &Value, secret: &[u8]) -> String {
        let key = EncodingKey::from_secret(secret);
        jsonwebtoken::encode(&Self::header(Algorithm::HS256), claims, &key).unwrap()
    }

    /// The public key, as whoever confuses it with a secret would take it.
    pub(crate) fn public_key(&self) -> String {
        self.jwk.to_string()
    }

    /// Not signed at all.
    pub(crate) fn unsigned(&self, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(claims))
    }

    /// Signed well, under another name of the algorithm.
    pub(crate) fn with_header(&self, claims: &Value, algorithm: &str) -> String {
        let signed = self.sign(claims);
        let header = json!({ "alg": algorithm, "kid": "one" }).to_string();
        let (_, rest) = signed.split_once('.').unwrap();
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
    }

    /// Signed well, and changed after that.
    pub(crate) fn changed(&self, claims: &Value) -> String {
        let signed = self.sign(claims);
        let mut other = claims.clone();
        other["sub"] = json!("root");
        let parts: Vec<&str> = signed.split('.').collect();
        format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(other.to_string()), parts[2])
    }
}

fn serve(stream: TcpStream, about: &Value, keys: &Value, token: &Mutex<String>) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        lines.push(line.to_lowercase());
    }
    let length = lines.iter().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let answer = match path {
        "/.well-known/openid-configuration" => about.clone(),
        "/jwks" => keys.clone(),
        "/token" => {
            let token = token.lock().unwrap().clone();
            json!({ "access_token": "of no use", "token_type": "Bearer", "expires_in": 60, "id_token": token })
        }
        _ => Value::Null,
    };
    let answer = answer.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    // Who has gone need not know.
    let _ = reader.get_mut().write_all(format!("{head}{answer}").as_bytes());
}
