//! Channels, texts, delivery with retries, dead letters, receipts.
