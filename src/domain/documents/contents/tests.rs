//! Documents as programs, scanners and telephones make them, and what only looks like one.

use proptest::prelude::*;

use super::*;

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut checksum = flate2::Crc::new();
    checksum.update(kind);
    checksum.update(data);
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, &checksum.sum().to_be_bytes()].concat()
}

fn head(width: u32, height: u32) -> Vec<u8> {
    chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat())
}

fn picture() -> Vec<u8> {
    [PNG, &head(1, 1), &chunk(b"tEXt", b"Author\0x"), &chunk(b"IDAT", &[7; 70_000]), &chunk(b"IEND", &[])].concat()
}

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    [&[0xff, marker], &u16::try_from(data.len() + 2).unwrap().to_be_bytes()[..], data].concat()
}

fn frame() -> Vec<u8> {
    segment(0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0])
}

fn scan() -> Vec<u8> {
    [segment(0xda, &[1, 1, 0, 0, 63, 0]), vec![0x12; 70_000], vec![0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]].concat()
}

fn photo() -> Vec<u8> {
    [&[0xff, 0xd8][..], &segment(0xe1, b"Exif\0\0"), &segment(0xdb, &[0; 65]), &frame(), &segment(0xc4, &[0; 28]), &scan(), &[0xff, 0xd9]].concat()
}

fn paper() -> Vec<u8> {
    let body = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n";
    let end = format!("xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", body.len());
    [&body[..], end.as_bytes()].concat()
}

fn told(content: &[u8]) -> Result<MediaType, String> {
    recognise(content).map_err(|error| error.to_string())
}

#[test]
fn what_programs_scanners_and_telephones_make_is_recognised() {
    let progressive =
        [&[0xff, 0xd8][..], &segment(0xc2, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]), &scan(), &segment(0xc4, &[0; 28]), &scan(), &[0xff, 0xff, 0xd9]];
    let padded = [paper(), vec![b'\n'; 1_000]].concat();
    let long = [&paper()[..15], &vec![b' '; 200_000], &paper()[15..]].concat();
    for (content, expected) in [
        (paper(), MediaType::Pdf),
        (padded, MediaType::Pdf),
        (long, MediaType::Pdf),
        (paper().iter().map(|byte| if *byte == b'\n' { b'\r' } else { *byte }).collect(), MediaType::Pdf),
        (picture(), MediaType::Png),
        (photo(), MediaType::Jpeg),
        (progressive.concat(), MediaType::Jpeg),
        ([photo(), b"SEFT of a telephone".to_vec()].concat(), MediaType::Jpeg),
    ] {
        assert_eq!(told(&content), Ok(expected));
    }
}

#[test]
fn what_does_something_is_refused() {
    let with = |entry: &str| String::from_utf8_lossy(&paper()).replace("/Type /Catalog", &format!("/Type /Catalog {entry}")).into_bytes();
    for (entry, found) in [
        ("/Names << /JavaScript 2 0 R >>", Some("JavaScript")),
        ("/A<</S/JavaScript/JS(app.alert\\(1\\))>>", Some("JavaScript")),
        ("/A << /S /Java#53cript >>", Some("JavaScript")),
        ("/A << /S /#4aavaScript>>", Some("JavaScript")),
        ("/AA << /O << /S /Launch /F (cmd.exe) >> >>", Some("Launch")),
        ("/Names << /EmbeddedFiles 4 0 R >>", Some("EmbeddedFiles")),
        ("/Type /EmbeddedFile", Some("EmbeddedFile")),
        ("/OpenAction << /S /URI /URI (http://x) >>", Some("OpenAction")),
        ("/OpenAction 5 0 R", Some("OpenAction")),
        ("/OpenAction\n<</S/Named>>", Some("OpenAction")),
        // Where a paper is opened, as word processors write it, and what only has such a name in it.
        ("/OpenAction[1 0 R /XYZ null null 0]", None),
        ("/OpenAction\r\n [1 0 R /Fit]", None),
        ("/JavaScripts 1 /Launcher 2 /Note (JavaScript) /OpenActions 3 /X#", None),
    ] {
        let expected = found.map_or(Ok(MediaType::Pdf), |name| Err(format!("holds {name}")));
        assert_eq!(told(&with(entry)), expected, "{entry}");
        // Also where it lies across the parts in which a file is read.
        for fill in (65_400..65_540).step_by(7) {
            let far = [&paper()[..15], &vec![b' '; fill], &with(entry)[15..]].concat();
            assert_eq!(told(&far), expected, "{entry} after {fill}");
        }
    }
    let hidden = with(&format!("/OpenAction{}<< >>", " ".repeat(100_000)));
    assert_eq!(told(&hidden), Err("holds OpenAction".to_owned()));
}

#[test]
fn whatever_only_looks_like_one_is_refused() {
    let (other, broken) =
        ("neither PDF nor PNG nor JPEG".to_owned(), |kind: &str| format!("begins like {kind} and is none: it was cut off or altered"));
    let (pdf, png, jpeg) = (broken("application/pdf"), broken("image/png"), broken("image/jpeg"));
    let text = |text: &str| String::from_utf8_lossy(&paper()).replace("startxref", text).into_bytes();
    for (what, content, expected) in [
        ("nothing", Vec::new(), &other),
        ("one byte", vec![0x89], &other),
        ("a program", [&b"MZ\x90\0"[..], &[0; 500]].concat(), &other),
        ("a program of another system", [&b"\x7fELF"[..], &[0; 500]].concat(), &other),
        ("a page", b"<html><script>alert(1)</script></html>".to_vec(), &other),
        ("a packed file", b"PK\x03\x04rest".to_vec(), &other),
        ("a paper behind something else", [b"MZ".to_vec(), paper()].concat(), &other),
        ("a name and nothing else", b"%PDF-1.7".to_vec(), &pdf),
        ("a version that there is not", paper().iter().map(|byte| if *byte == b'7' { b'x' } else { *byte }).collect(), &pdf),
        ("a program under the name of a paper", [&b"%PDF-1.7\nMZ\x90\0"[..], &[0; 5_000]].concat(), &pdf),
        ("half a paper", paper()[..paper().len() / 2].to_vec(), &pdf),
        ("a paper without its table", text("startxxxx"), &pdf),
        ("a paper whose table lies behind its end", text("startxref\n9"), &pdf),
        ("a paper with much behind it", [paper(), vec![0; 5_000]].concat(), &pdf),
        ("a picture of nothing", [PNG, &head(1, 0), &chunk(b"IDAT", &[1]), &chunk(b"IEND", &[])].concat(), &png),
        ("a picture without one", [PNG, &head(1, 1), &chunk(b"IEND", &[])].concat(), &png),
        ("a picture without a head", [PNG, &chunk(b"IDAT", &[1]), &chunk(b"IEND", &[])].concat(), &png),
        ("a picture with two heads", [PNG, &head(1, 1), &head(1, 1), &chunk(b"IDAT", &[1]), &chunk(b"IEND", &[])].concat(), &png),
        ("a picture with more behind it", [picture(), b"MZ".to_vec()].concat(), &png),
        ("half a picture", picture()[..40_000].to_vec(), &png),
        ("a chunk longer than everything", [PNG, &head(1, 1), b"\xff\xff\xff\xffIDAT"].concat(), &png),
        ("a photo of nothing", [&[0xff, 0xd8][..], &segment(0xc0, &[8, 0, 1, 0, 0, 1, 1, 0x11, 0]), &scan(), &[0xff, 0xd9]].concat(), &jpeg),
        ("a photo without a frame", [&[0xff, 0xd8][..], &scan(), &[0xff, 0xd9]].concat(), &jpeg),
        ("a photo without a scan", [&[0xff, 0xd8][..], &frame(), &[0xff, 0xd9]].concat(), &jpeg),
        ("half a photo", photo()[..40_000].to_vec(), &jpeg),
        ("a photo without its end", photo()[..photo().len() - 2].to_vec(), &jpeg),
        ("a program under the name of a photo", [&b"\xff\xd8\xffMZ\x90\0"[..], &[0; 5_000]].concat(), &jpeg),
    ] {
        assert_eq!(told(&content).as_ref(), Err(expected), "{what}");
    }
}

#[test]
fn a_reader_that_fails_is_no_verdict_on_the_content() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::InvalidData.into())
        }
    }
    for begin in [&b""[..], PNG, &paper()[..20], &photo()[..20]] {
        assert!(matches!(recognise(begin.chain(Failing)), Err(NoDocument::Io(_))));
    }
}

proptest! {
    #[test]
    fn no_cut_of_a_picture_or_a_photo_is_one(at in any::<prop::sample::Index>()) {
        for whole in [picture(), photo()] {
            prop_assert!(recognise(&whole[..at.index(whole.len())]).is_err());
        }
    }

    #[test]
    fn one_changed_bit_of_a_picture_is_noticed(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut content = picture();
        let at = at.index(content.len());
        content[at] ^= 1 << bit;
        prop_assert!(recognise(&content[..]).is_err());
    }

    #[test]
    fn whatever_comes_is_judged_and_nothing_panics(begin in prop::sample::select(vec![PDF, PNG, JPEG]), rest in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = recognise(&[begin, &rest].concat()[..]);
    }
}
