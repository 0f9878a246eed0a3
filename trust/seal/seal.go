// Package seal knows keys, envelopes, tokens and ids: how bytes are made unreadable to whoever holds the disk,
// the backup or the log. It must not know what the bytes mean, nor where they are kept.
package seal
