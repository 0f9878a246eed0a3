// Package audit knows entries of the audit log and the chain of hashes that binds them. It must not know what
// is kept, nor any answer: an entry holds codes, ids and numbers only.
//
// The service that acts builds the Entry; the store gives it its number, chains and commits it with the act
// (one chain per database). Each link's hash covers the entry's canonical bytes and the hash before it, keyed,
// so that neither a changed, a removed nor an inserted entry can be made to verify without the key.
package audit

import "time"

// Entry is one act.
type Entry struct {
	At      time.Time
	Actor   string            // "user:12", "device:4", "system"
	Act     string            // code of the act: "record.accept", "form.publish", "restricted.read"
	Project int64             // 0: of no project
	Object  string            // what it was done to: "form:arrivals", "record:uuid:…", "user:12"
	Purpose string            // code of the purpose where one was asked
	Detail  map[string]string // codes and numbers; never an answer, a name, a token
}

// Link is an entry in the chain.
type Link struct {
	Number int64 // from 1, without gaps
	Entry
	Hash []byte // 32 bytes: keyed, over Number, Entry and the hash before
}
