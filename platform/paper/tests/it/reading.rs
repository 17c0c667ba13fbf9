//! `pdftotext` (poppler-utils, `testing/install.sh test`) finds the text again, page by page.

use std::process::Command;

use sekisho_paper::{Block, Document, pdf};

fn read_again(document: &Document) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("paper.pdf");
    std::fs::write(&file, pdf(document).expect("written")).expect("kept");
    let answer = Command::new("pdftotext").arg("-enc").arg("UTF-8").arg(&file).arg("-").output();
    let answer = answer.expect("pdftotext is not here: run testing/install.sh test");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    assert!(answer.stderr.is_empty(), "it complains: {}", String::from_utf8_lossy(&answer.stderr));
    String::from_utf8(answer.stdout).expect("text")
}

#[test]
fn text_of_every_language_is_found_again() {
    let facts =
        [("来訪者", "髙橋 太郎・𠮷野家"), ("Guest", "Đặng Müller"), ("访客", "李晓龙"), ("방문자", "김민준")];
    let document = Document {
        title: "秘密保持に関する確認書".into(),
        blocks: vec![
            Block::Heading("第1条 目的".into()),
            Block::Text("本書は、来訪に際して知り得た情報の取扱いを定めます。\n二行目です。".into()),
            Block::Facts(facts.map(|(name, value)| (name.into(), value.into())).into()),
            Block::Strokes(vec![vec![(0.1, 0.5), (0.5, 0.1), (0.9, 0.9)]]),
            Block::Text("これは長い文章です。".repeat(400)),
        ],
        footer: "SHA-256 0123abcd".into(),
    };
    let text = read_again(&document);
    let flat: String = text.split_whitespace().collect();
    for words in [
        "秘密保持に関する確認書",
        "第1条目的",
        "知り得た情報の取扱い",
        "二行目です。",
        "1/3",
        "3/3",
        "SHA-2560123abcd",
    ] {
        assert!(flat.contains(words), "{words}: {text}");
    }
    for (name, value) in facts {
        assert!(text.contains(name) && text.contains(value), "{name} {value}: {text}");
    }
    assert!(
        flat.matches("これは長い文章です。").count() >= 398,
        "all of it but at most what a page break parts"
    );
}

#[test]
fn what_no_font_has_is_a_box_and_still_a_document() {
    let document = Document {
        title: "😀 ב".into(),
        blocks: vec![Block::Text("a\u{0}\u{202e}b😀c".into())],
        footer: String::new(),
    };
    let text = read_again(&document);
    assert!(text.contains("ab") && text.contains('c'), "{text}");
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let document = Document {
        title: "同じ".into(),
        blocks: vec![Block::Facts(vec![("署名".into(), "김민준".into())])],
        footer: "1".into(),
    };
    assert_eq!(pdf(&document).expect("written"), pdf(&document).expect("written"));
}
