// Package storetest knows what every collect.Store and collect.Blobs must do, and asks it of the one it is given:
// the contract test of both interfaces. It must not know which database is behind. For tests only.
//
//	func TestStore(t *testing.T) { storetest.Store(t, func(t testing.TB) collect.Store { ... }) }
package storetest
