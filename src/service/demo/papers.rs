//! Papers as hospitals scan them, as far as a made-up patient has any: one page that says what it would be.

/// A PDF of one page with this line on it. The line has neither brackets nor backslashes.
pub fn paper(line: &str) -> Vec<u8> {
    let text = format!("BT /F1 14 Tf 72 770 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let (mut body, mut places) = (String::from("%PDF-1.4\n"), String::from("0000000000 65535 f \n"));
    for (number, object) in (1..).zip(&objects) {
        places += &format!("{:010} 00000 n \n", body.len());
        body += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let (start, size) = (body.len(), objects.len() + 1);
    body += &format!("xref\n0 {size}\n{places}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    body.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::documents::contents::{MediaType, recognise};

    #[test]
    fn a_paper_is_a_pdf_whose_table_points_at_its_objects() {
        let paper = paper("Contoh: resume medis RS-01/2026/00001");
        assert!(matches!(recognise(&paper[..]), Ok(MediaType::Pdf)));
        let text = String::from_utf8(paper).unwrap();
        let places: Vec<usize> = text.lines().filter_map(|line| line.strip_suffix(" 00000 n ")?.parse().ok()).collect();
        assert_eq!(places.len(), 5);
        for (number, place) in (1..).zip(places) {
            assert!(text[place..].starts_with(&format!("{number} 0 obj\n")), "{number}");
        }
    }
}
