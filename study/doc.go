// Package study knows how a written plan becomes a report: from loaded data through sample, outcomes and
// models to drafts, clearance and pages. It must not know where files lie: it is given loaded tables and
// places to write.
//
// What leaves through Outputs.Public was cleared by package release; what goes to Outputs.Working (rejected
// rows, the full record) was not, and says so.
package study
