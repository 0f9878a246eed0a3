package release

import "waymark/fault"

// What can be wrong with a release. Places name the draft (Document), its row (1-based) and the measure (Field).
const (
	CodePolicyRange  fault.Code = "release.policy-range"       // a setting of the policy is out of range
	CodeNoKey        fault.Code = "release.no-key"             // a draft without a key
	CodeKeyTwice     fault.Code = "release.key-twice"          // two drafts of one key
	CodeShape        fault.Code = "release.shape"              // a row has other heads or cells than the draft has dims and measures
	CodeNotNumber    fault.Code = "release.not-a-number"       // NaN or infinite where None should be set
	CodeBadCount     fault.Code = "release.bad-count"          // a count or a number of people below zero or out of range, events above base
	CodeSumRows      fault.Code = "release.sum-rows"           // a Sum names a row that is not there, or one twice
	CodeSumNotAdding fault.Code = "release.sum-not-adding"     // soft: parts exceed their whole, so the sum was left out
	CodeSetDiffers   fault.Code = "release.set-differs"        // one Set with two numbers of people
	CodeEarlier      fault.Code = "release.earlier-gives-away" // earlier publications already give away a count of this release
	CodeNotCleared   fault.Code = "release.not-cleared"        // an earlier table that no Clear made
)
