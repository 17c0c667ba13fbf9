//! A printer that speaks PCL: `ippevepcl` of CUPS reads a page with the raster reader of CUPS, and what it draws is compared
//! with what was meant. It draws from the upper left corner and leaves a margin away at the right and below.

use std::path::Path;
use std::process::Command;

use crate::printer::grey_page;

/// Whether CUPS reads out of a page of PWG raster what was put into it.
pub fn drawn_as_meant(page: &[u8]) {
    let (width, _, pixels) = grey_page(page);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.pwg");
    std::fs::write(&file, page).unwrap();
    let tool = ["/usr/sbin/ippevepcl", "/usr/bin/ippevepcl"].map(Path::new);
    let tool = tool.into_iter().find(|path| path.exists()).unwrap();
    let ran = Command::new(tool).arg(file).env("CONTENT_TYPE", "image/pwg-raster").output().unwrap();
    assert!(ran.status.success() && String::from_utf8_lossy(&ran.stderr).contains("ATTR: job-impressions=1"));
    let (drawn_width, drawn) = drawn(&ran.stdout);
    assert!(drawn_width > width * 3 / 4 && drawn.len() > width / 4);
    let dark = |x: usize, y: usize| drawn.get(y).and_then(|row| row.get(x)).copied().unwrap_or(false);
    for (at, grey) in pixels.iter().enumerate() {
        let (x, y) = (at % width, at / width);
        // Between black and white it dithers.
        if x < drawn_width && y < drawn.len() && matches!(grey, 0 | 255) {
            assert_eq!(dark(x, y), *grey == 0, "at {x}, {y}");
        }
    }
}

/// How wide a PCL 5 page draws, and its rows of dots: rows that are skipped, and rows compressed by the rule of TIFF (PackBits).
fn drawn(page: &[u8]) -> (usize, Vec<Vec<bool>>) {
    let after = |mark: &[u8]| page.windows(mark.len()).position(|bytes| bytes == mark).unwrap() + mark.len();
    let width = &page[after(b"R\x1b*r")..];
    let width = width.split(|byte| *byte == b'S').next().unwrap();
    let width = std::str::from_utf8(width).unwrap().parse().unwrap();
    let mut page = &page[after(b"\x1b*r1A")..];
    let mut rows = Vec::new();
    while let Some(rest) = page.strip_prefix(b"\x1b*b") {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number: usize = std::str::from_utf8(&rest[..digits]).unwrap().parse().unwrap();
        page = &rest[digits + 1..];
        if rest[digits] == b'Y' {
            rows.extend(vec![Vec::new(); number]);
            continue;
        }
        assert_eq!(rest[digits], b'W');
        let bytes = unpacked(&page[..number]);
        rows.push(bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect());
        page = &page[number..];
    }
    assert!(page.starts_with(b"\x1b*r0B"), "the drawing ends");
    (width, rows)
}

fn unpacked(mut row: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let [code, rest @ ..] = row {
        let count = usize::from(*code);
        if count < 128 {
            bytes.extend(&rest[..=count]);
            row = &rest[count + 1..];
        } else {
            bytes.extend(vec![rest[0]; 257 - count]);
            row = &rest[1..];
        }
    }
    bytes
}
