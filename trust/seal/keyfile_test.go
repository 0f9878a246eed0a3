package seal_test

import (
	"testing"

	"waymark/trust/seal"
)

func TestKeyFileLocksAndOpens(t *testing.T) {
	file, _, err := seal.NewKeyFile()
	if err != nil {
		t.Fatal(err)
	}
	lock, err := seal.KeyFileLock(file)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := seal.LockMaster(seal.NewMaster(), lock)
	if err != nil {
		t.Fatal(err)
	}
	if seal.ByPassphrase(kept) {
		t.Error("a key file's lock is taken for a passphrase's")
	}
	opener, err := seal.KeyFileOpener(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenMaster(kept, opener); err != nil {
		t.Error(err)
	}
	other, _, err := seal.NewKeyFile()
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := seal.KeyFileOpener(other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenMaster(kept, wrong); err == nil {
		t.Error("another key file opens it")
	}
	if _, err := seal.KeyFileLock([]byte("# no key")); err == nil {
		t.Error("a file without a key locks")
	}
}
