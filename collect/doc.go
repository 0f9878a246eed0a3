// Package collect knows published form versions, the records that phones and browsers send, their review,
// quality flags, entities and quarantine, and says what may be done with them. It must not know how a request
// looks, what a page says, where bytes are kept, or what an answer means.
//
// A Desk is the service that acts. Every act names its actor; every write and every read of restricted answers
// leaves an audit entry that commits with it. What arrives is never lost: it becomes a record, a new version of
// one, or a body in quarantine, and it is durable before Accept returns.
//
// Invariants, named where they are checked:
//
//  1. One record for (project, form, instance id), however often and however simultaneously it is sent.
//  2. Raw bodies, restricted and strict answers and attachments reach a Store or Blobs only sealed.
//  3. Strict answers leave by an Opening only, which one person asks for and another grants; it ends by itself.
//  4. Records of a training project, and of a draft, never reach a real table.
//  5. Nothing is refused for what an interview says: issues and flags are kept with the record.
package collect
