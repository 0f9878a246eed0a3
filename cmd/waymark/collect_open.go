package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"waymark/collect"
	"waymark/fault"
	"waymark/store/blob"
	"waymark/store/postgres"
	"waymark/store/sqlite"
	"waymark/trust/access"
	"waymark/trust/seal"
)

// Codes of what can be wrong with a folder of records.
const (
	codeNoFolder  fault.Code = "server.no-folder"  // dir
	codeElsewhere fault.Code = "server.elsewhere"  // dir
	codeInFolder  fault.Code = "server.in-folder"  // dir
	codeIsBackup  fault.Code = "server.is-backup"  // file
	codeNotFolder fault.Code = "server.not-folder" // file
	codeNoKey     fault.Code = "server.no-key"     // dir
	codeWrongKey  fault.Code = "server.wrong-key"  // dir
	codeKeyInside fault.Code = "server.key-inside" // file, dir
	codeKeyFile   fault.Code = "server.key-file"   // file
)

// The files of a folder of records. The rest are attachments and the database's own.
const (
	keyName      = "key.age"
	databaseName = "records.db"
)

// folderFlags say which folder of records is meant and how its key is opened.
type folderFlags struct {
	dir      string
	database string
	keyFile  string
}

func (f *folderFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.dir, "dir", "", "server.flag.dir")
	c.Flags().StringVar(&f.database, "database", "", "server.flag.database")
	c.Flags().StringVar(&f.keyFile, "key-file", "", "server.flag.key-file")
}

// addThere is add for a verb that works on what is there and makes no key.
func (f *folderFlags) addThere(c *cobra.Command) {
	f.add(c)
	c.Flags().Lookup("key-file").Usage = keyFileThere
}

// keyFileThere is the usage of --key-file where no key is made.
const keyFileThere = "server.flag.key-file-there"

// patience is how long a server must have known the time before it takes anything away for good: long enough for somebody
// to notice a clock that is years ahead.
const patience = 3 * 24 * time.Hour

// opened is a folder of records, open.
type opened struct {
	desk  *collect.Desk
	keys  *seal.Keyring
	store closer
	fresh bool // it was made just now
}

type closer interface {
	collect.Store
	Close() error
}

func (o *opened) close() error { return o.store.Close() }

// open opens the folder of records; with create it makes what is not there and says what a lost key means.
func (f *folderFlags) open(ctx context.Context, r *room, create creation) (*opened, error) {
	if f.dir == "" {
		return nil, misused(codeMissingFlag, map[string]any{"flag": "--dir", "verb": "waymark"})
	}
	keys, fresh, err := f.keyring(r, create)
	if err != nil {
		return nil, err
	}
	if err := f.sameStore(); err != nil {
		return nil, err
	}
	var store closer
	if f.database != "" {
		store, err = postgres.Open(ctx, f.database, collect.ChainKey(keys))
	} else {
		store, err = sqlite.Open(ctx, filepath.Join(f.dir, databaseName), keys.Subkey("sqlite"), collect.ChainKey(keys))
	}
	if err != nil {
		return nil, err
	}
	blobs, err := blob.Open(filepath.Join(f.dir, "blobs"))
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	desk, err := collect.New(collect.Options{Store: store, Blobs: blobs, Keys: keys, Patience: patience})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &opened{desk: desk, keys: keys, store: store, fresh: fresh}, nil
}

// Variables of the environment that hold secrets: the passphrase of a folder, and the password of a member of staff.
const (
	passphraseName = "WAYMARK_PASSPHRASE"
	passwordName   = "WAYMARK_PASSWORD"
)

// sameStore refuses a folder that was used before with another database: one that holds none, where none is named, and one
// that holds its own, where another is named. An empty database would look as if the records were lost.
func (f *folderFlags) sameStore() error {
	if f.database != "" {
		if _, err := os.Stat(filepath.Join(f.dir, databaseName)); err == nil {
			return fault.Issue{Code: codeInFolder, Kind: fault.Conflict, Args: map[string]any{"dir": f.dir}}
		}
		return nil
	}
	if _, err := os.Stat(filepath.Join(f.dir, "blobs")); err != nil {
		return nil // new, or never opened yet
	}
	if _, err := os.Stat(filepath.Join(f.dir, databaseName)); errors.Is(err, fs.ErrNotExist) {
		return fault.Issue{Code: codeElsewhere, Kind: fault.NotFound, Args: map[string]any{"dir": f.dir}}
	}
	return nil
}

// creation says whether what is not there is made.
type creation bool

const (
	mustExist creation = false
	mayCreate creation = true
)

// keyring opens the master key, or makes one where nothing is there yet.
func (f *folderFlags) keyring(r *room, create creation) (*seal.Keyring, bool, error) {
	if err := f.isFile(); err != nil {
		return nil, false, err
	}
	name := filepath.Join(f.dir, keyName)
	sealed, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && create == mayCreate:
		return f.makeKey(r, name)
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, fault.Issue{Code: codeNoFolder, Kind: fault.NotFound, Args: map[string]any{"dir": f.dir}}
	case err != nil:
		return nil, false, unreadable(name, err)
	}
	opener, err := f.opener(r, sealed)
	if err != nil {
		return nil, false, err
	}
	master, err := seal.OpenMaster(sealed, opener)
	if err != nil {
		return nil, false, fault.Issue{Code: codeWrongKey, Kind: fault.Forbidden, Args: map[string]any{"dir": f.dir}}
	}
	return master.Keys(), false, nil
}

// isFile refuses a file in the place of a folder, and says of a backup what to do with it.
func (f *folderFlags) isFile() error {
	info, err := os.Stat(f.dir)
	if err != nil || info.IsDir() {
		return nil // what is not there is for others to say
	}
	file, err := os.Open(f.dir)
	if err != nil {
		return unreadable(f.dir, err)
	}
	defer file.Close()
	start := make([]byte, len(sealedStart))
	if _, err := io.ReadFull(file, start); err == nil && string(start) == sealedStart {
		return fault.Issue{Code: codeIsBackup, Args: map[string]any{"file": f.dir}}
	}
	return fault.Issue{Code: codeNotFolder, Args: map[string]any{"file": f.dir}}
}

// sealedStart is what a file that is sealed with age begins with, as a backup is.
const sealedStart = "age-encryption.org/v1\n"

// opener is what opens the master key: the key file that was named, or the passphrase.
func (f *folderFlags) opener(r *room, sealed []byte) (seal.Opener, error) {
	if f.keyFile != "" {
		return keyFileOpener(f.keyFile)
	}
	noKey := fault.Issue{Code: codeNoKey, Kind: fault.Forbidden, Args: map[string]any{"dir": f.dir}}
	if !seal.ByPassphrase(sealed) {
		return seal.Opener{}, noKey
	}
	phrase, err := r.passphrase("server.ask-passphrase")
	if err != nil {
		return seal.Opener{}, err
	}
	if phrase == "" {
		return seal.Opener{}, noKey
	}
	return seal.PassphraseOpener(phrase)
}

func keyFileOpener(name string) (seal.Opener, error) {
	file, err := os.ReadFile(name)
	if err != nil {
		return seal.Opener{}, unreadable(name, err)
	}
	o, err := seal.KeyFileOpener(file)
	if err != nil {
		return seal.Opener{}, fault.Issue{Code: codeKeyFile, Args: map[string]any{"file": name}}
	}
	return o, nil
}

// makeKey makes a master key and seals it by a passphrase, or for a key file outside the folder.
func (f *folderFlags) makeKey(r *room, name string) (*seal.Keyring, bool, error) {
	lock, err := f.lock(r)
	if err != nil {
		return nil, false, err
	}
	master := seal.NewMaster()
	sealed, err := seal.LockMaster(master, lock)
	if err != nil {
		return nil, false, err
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, false, unreadable(f.dir, err)
	}
	if err := writeSecret(name, sealed); err != nil {
		return nil, false, unreadable(name, err)
	}
	r.say("server.key-made", map[string]any{"dir": f.dir})
	return master.Keys(), true, nil
}

// lock is what a new master key is sealed by.
func (f *folderFlags) lock(r *room) (seal.Lock, error) {
	if f.keyFile == "" {
		phrase, err := r.passphrase("server.new-passphrase")
		switch {
		case err != nil:
			return seal.Lock{}, err
		case phrase == "":
			return seal.Lock{}, fault.Issue{Code: codeNoKey, Kind: fault.Forbidden, Args: map[string]any{"dir": f.dir}}
		}
		return seal.PassphraseLock(phrase)
	}
	if inside(f.keyFile, f.dir) {
		return seal.Lock{}, fault.Issue{Code: codeKeyInside, Args: map[string]any{"file": f.keyFile, "dir": f.dir}}
	}
	file, err := os.ReadFile(f.keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if file, _, err = seal.NewKeyFile(); err != nil {
			return seal.Lock{}, err
		}
		err = writeSecret(f.keyFile, file)
	}
	if err != nil {
		return seal.Lock{}, unreadable(f.keyFile, err)
	}
	l, err := seal.KeyFileLock(file)
	if err != nil {
		return seal.Lock{}, fault.Issue{Code: codeKeyFile, Args: map[string]any{"file": f.keyFile}}
	}
	return l, nil
}

// inside says whether a file lies in a folder.
func inside(file, dir string) bool {
	a, errA := filepath.Abs(file)
	b, errB := filepath.Abs(dir)
	if errA != nil || errB != nil {
		return false
	}
	rel, err := filepath.Rel(b, a)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// writeSecret writes a file that only its owner may read, and refuses to overwrite one.
func writeSecret(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// say prints a line for the person at the machine on standard error: standard output carries what was asked for.
func (r *room) say(code string, args map[string]any) {
	_, _ = io.WriteString(r.err, "waymark: "+r.speak().Text(code, args)+"\n")
}

// passphrase opens or makes the key of a folder.
func (r *room) passphrase(ask string) (string, error) { return r.secret(passphraseName, ask) }

// secret is that of a variable of the environment, else what is typed at a terminal without being shown, else "".
func (r *room) secret(variable, ask string) (string, error) {
	if s := r.getenv(variable); s != "" {
		return s, nil
	}
	f, ok := r.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", nil
	}
	_, _ = io.WriteString(r.err, r.speak().Text(ask, nil)+" ")
	b, err := term.ReadPassword(int(f.Fd()))
	_, _ = io.WriteString(r.err, "\n")
	return string(b), err
}

// secretLine reads one line of standard input: a password or a token that must not stand in a command line.
func (r *room) secretLine() (string, error) {
	line, err := bufio.NewReader(r.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// system is the actor of a command given at the machine by whoever holds the key. It sets up, and like the
// administrator it reads no restricted answer.
func system() access.Actor { return access.Actor{Kind: access.System} }
