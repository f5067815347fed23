//! Prints the window's half of the interface: `cargo xtask bindings` puts it into its place.

fn main() {
    print!("{}", quire_ipc::typescript());
}
