//! Pictures of any size, made on the spot.

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = crc32fast::Hasher::new();
    sum.update(kind);
    sum.update(data);
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], kind, data, &sum.finalize().to_be_bytes()].concat()
}

/// A grey PNG of so many pixels.
pub(crate) fn png(width: u8, height: u8) -> Vec<u8> {
    let header = [0, 0, 0, width, 0, 0, 0, height, 8, 0, 0, 0, 0];
    // Each row begins with the number of its filter: none.
    let rows = vec![0; (usize::from(width) + 1) * usize::from(height)];
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &rows).unwrap();
    let rows = packed.finish().unwrap();
    let parts = [chunk(b"IHDR", &header), chunk(b"IDAT", &rows), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n", &parts.concat()[..]].concat()
}
