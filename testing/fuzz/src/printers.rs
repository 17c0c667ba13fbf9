//! What answers at the address of a printer.

use sekisho_visitors::badges::ipp;

/// An answer is read or it is none; what was read is no larger than what came.
pub(crate) fn answer(bytes: &[u8]) {
    let Some(answer) = ipp::read(bytes) else { return };
    let values: usize =
        answer.groups.iter().flat_map(|(_, attributes)| attributes).map(|(_, values)| values.len()).sum();
    assert!(values <= bytes.len(), "more values than bytes");
    for attributes in answer.all(ipp::group::PRINTER) {
        assert!(attributes.word("printer-state-reasons").len() <= 3 * bytes.len());
    }
}
