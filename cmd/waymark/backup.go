package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"waymark/collect"
	"waymark/fault"
	"waymark/store/backup"
	"waymark/store/blob"
	"waymark/store/postgres"
	tables "waymark/store/records"
	"waymark/store/sqlite"
	"waymark/trust/audit"
	"waymark/trust/seal"
)

// Codes of what can be wrong with where a backup goes to or comes from.
const (
	codeBackupThere  fault.Code = "backup.file-there"    // file
	codeBackupWrite  fault.Code = "backup.unwritable"    // file, why
	codeNotEmptyDir  fault.Code = "backup.dir-there"     // dir
	codeTwoLocks     fault.Code = "backup.two-locks"     //
	codeBackupNoLock fault.Code = "backup.no-passphrase" //
	codeBackupShut   fault.Code = "backup.does-not-open" // file
	codeBackupKept   fault.Code = "backup.folder-left"   // dir, why
)

// backupFlags are the flags of `backup`.
type backupFlags struct {
	folderFlags
	out             string
	recipients      []string
	passphraseStdin bool
	json            bool
}

func newBackup(r *room) *cobra.Command {
	var f backupFlags
	c := &cobra.Command{
		Use:   "backup",
		Short: "backup.verb",
		Long:  "backup.verb-long",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return f.run(c.Context(), r, c) },
	}
	f.addThere(c)
	c.Flags().StringVar(&f.out, "out", "", "backup.flag.out")
	c.Flags().StringSliceVar(&f.recipients, "recipient", nil, "backup.flag.recipient")
	c.Flags().BoolVar(&f.passphraseStdin, "passphrase-stdin", false, "backup.flag.passphrase-stdin")
	c.Flags().BoolVar(&f.json, "json", false, "cmd.flag.json")
	return c
}

func (f *backupFlags) run(ctx context.Context, r *room, c *cobra.Command) (err error) {
	if err := need(c, "dir", "out"); err != nil {
		return err
	}
	if _, err := os.Lstat(f.out); err == nil {
		return fault.Issue{Code: codeBackupThere, Kind: fault.Conflict, Args: map[string]any{"file": f.out}}
	}
	lock, err := f.lock(r)
	if err != nil {
		return err
	}
	o, err := f.open(ctx, r, mustExist)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	key, err := os.ReadFile(filepath.Join(f.dir, keyName))
	if err != nil {
		return unreadable(keyName, err)
	}
	blobs, err := blob.Open(filepath.Join(f.dir, "blobs"))
	if err != nil {
		return err
	}
	if err := o.desk.Note(ctx, audit.Entry{Actor: "system", Act: "server.backup"}); err != nil {
		return err
	}
	counts, err := f.write(ctx, lock, backup.Source{Store: o.store.(*tables.Store), Blobs: blobs, Key: key, At: time.Now()})
	if err != nil {
		return err
	}
	return tell(r, "backup.done", f.out, counts, f.json)
}

// lock is what the backup is sealed by: the recipients or the passphrase that were given for it, else what opens the
// folder.
func (f *backupFlags) lock(r *room) (seal.Lock, error) {
	switch {
	case len(f.recipients) > 0 && f.passphraseStdin:
		return seal.Lock{}, misused(codeTwoLocks, nil)
	case len(f.recipients) > 0:
		return seal.RecipientLock(f.recipients...)
	case f.passphraseStdin:
		phrase, err := r.secretLine()
		if err != nil {
			return seal.Lock{}, err
		}
		return seal.PassphraseLock(phrase)
	case f.keyFile != "":
		file, err := os.ReadFile(f.keyFile)
		if err != nil {
			return seal.Lock{}, unreadable(f.keyFile, err)
		}
		return seal.KeyFileLock(file)
	}
	phrase, err := r.passphrase("server.ask-passphrase")
	if err != nil {
		return seal.Lock{}, err
	}
	if phrase == "" {
		return seal.Lock{}, fault.Issue{Code: codeNoKey, Kind: fault.Forbidden, Args: map[string]any{"dir": f.dir}}
	}
	return seal.PassphraseLock(phrase)
}

// write writes the backup beside its name, syncs and renames it: under its name it is whole.
func (f *backupFlags) write(ctx context.Context, lock seal.Lock, s backup.Source) (counts backup.Counts, err error) {
	file, err := os.CreateTemp(filepath.Dir(f.out), ".waymark-backup-")
	if err != nil {
		return counts, f.unwritable(err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
	}()
	sealed, err := seal.SealTo(file, lock)
	if err != nil {
		return counts, err
	}
	if counts, err = backup.Write(ctx, sealed, s); err != nil {
		return counts, f.unwritable(err)
	}
	if err = errors.Join(sealed.Close(), file.Sync(), file.Close()); err != nil {
		return counts, f.unwritable(err)
	}
	if err = os.Rename(file.Name(), f.out); err != nil {
		return counts, f.unwritable(err)
	}
	return counts, nil
}

// unwritable says that the system refused, and leaves other errors.
func (f *backupFlags) unwritable(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fault.Issue{Code: codeBackupWrite, Kind: fault.Unavailable, Args: map[string]any{"file": f.out, "why": fmt.Sprint(p.Err)}}
	}
	return err
}

// restoreFlags are the flags of `restore`.
type restoreFlags struct {
	folderFlags
	identity        string
	passphraseStdin bool
	json            bool
}

func newRestore(r *room) *cobra.Command {
	var f restoreFlags
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "backup.restore-verb",
		Long:  "backup.restore-verb-long",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return misused(codeOneArgument, map[string]any{"verb": "waymark restore", "want": "FILE"})
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c.Context(), r, c, args[0]) },
	}
	f.addThere(c)
	c.Flags().StringVar(&f.identity, "identity", "", "backup.flag.identity")
	c.Flags().BoolVar(&f.passphraseStdin, "passphrase-stdin", false, "backup.flag.passphrase-stdin")
	c.Flags().BoolVar(&f.json, "json", false, "cmd.flag.json")
	return c
}

func (f *restoreFlags) run(ctx context.Context, r *room, c *cobra.Command, name string) error {
	if err := need(c, "dir"); err != nil {
		return err
	}
	if there, err := os.ReadDir(f.dir); len(there) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Issue{Code: codeNotEmptyDir, Kind: fault.Conflict, Args: map[string]any{"dir": f.dir}}
	}
	file, err := os.Open(name)
	if err != nil {
		return unreadable(name, err)
	}
	defer file.Close()
	plain, err := f.unseal(r, name, file)
	if err != nil {
		return err
	}
	counts, err := f.restore(ctx, r, plain)
	if err != nil {
		return err
	}
	o, err := f.open(ctx, r, mustExist)
	if err != nil {
		return err
	}
	if err := errors.Join(o.desk.Note(ctx, audit.Entry{Actor: "system", Act: "server.restore"}), o.close()); err != nil {
		return err
	}
	return tell(r, "backup.restored", f.dir, counts, f.json)
}

// unseal opens the seal of the backup with what was given for it, else with what opens the folder.
func (f *restoreFlags) unseal(r *room, name string, file *os.File) (io.Reader, error) {
	start := make([]byte, 200)
	n, err := io.ReadFull(file, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, unreadable(name, err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, unreadable(name, err)
	}
	var by seal.Opener
	switch {
	case f.identity != "":
		by, err = keyFileOpener(f.identity)
	case f.passphraseStdin:
		var phrase string
		if phrase, err = r.secretLine(); err == nil {
			by, err = seal.PassphraseOpener(phrase)
		}
	case !seal.ByPassphrase(start[:n]) && f.keyFile != "":
		by, err = keyFileOpener(f.keyFile)
	default:
		var phrase string
		if phrase, err = r.passphrase("server.ask-passphrase"); err == nil && phrase == "" {
			return nil, fault.Issue{Code: codeBackupNoLock, Kind: fault.Forbidden}
		} else if err == nil {
			by, err = seal.PassphraseOpener(phrase)
		}
	}
	if err != nil {
		return nil, err
	}
	plain, err := seal.OpenFrom(file, by)
	if is(err, seal.CodeNotOpened) {
		return nil, fault.Issue{Code: codeBackupShut, Kind: fault.Forbidden, Args: map[string]any{"file": name}}
	}
	return plain, damaged(err)
}

func is(err error, code fault.Code) bool {
	var i fault.Issue
	return errors.As(err, &i) && i.Code == code
}

// damaged says of a backup what package seal says of anything sealed.
func damaged(err error) error {
	if is(err, seal.CodeDamaged) {
		return fault.Issue{Code: backup.CodeDamaged}
	}
	return err
}

// restore fills a folder beside the one that was named, and renames it when all is there.
func (f *restoreFlags) restore(ctx context.Context, r *room, plain io.Reader) (counts backup.Counts, err error) {
	dir := filepath.Clean(f.dir)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return counts, unreadable(f.dir, err)
	}
	beside, err := os.MkdirTemp(filepath.Dir(dir), ".waymark-restore-")
	if err != nil {
		return counts, unreadable(f.dir, err)
	}
	defer func() {
		if err != nil && beside != "" {
			_ = os.RemoveAll(beside)
		}
	}()
	counts, err = backup.Restore(ctx, plain, func(key []byte) (backup.Target, error) { return f.target(r, beside, key) })
	if err != nil {
		return counts, damaged(err)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return counts, unreadable(f.dir, err)
	}
	if err := os.Rename(beside, dir); err != nil {
		left := fault.Issue{Code: codeBackupKept, Kind: fault.Unavailable, Args: map[string]any{"dir": beside, "why": fmt.Sprint(err)}}
		beside = "" // all is there: it is not taken away
		return counts, left
	}
	return counts, nil
}

// target opens the key of the folder and says where its records go.
func (f *restoreFlags) target(r *room, dir string, key []byte) (backup.Target, error) {
	opener, err := f.opener(r, key)
	if err != nil {
		return backup.Target{}, err
	}
	master, err := seal.OpenMaster(key, opener)
	if err != nil {
		return backup.Target{}, fault.Issue{Code: codeWrongKey, Kind: fault.Forbidden, Args: map[string]any{"dir": f.dir}}
	}
	if err := writeSecret(filepath.Join(dir, keyName), key); err != nil {
		return backup.Target{}, unreadable(f.dir, err)
	}
	blobs, err := blob.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		return backup.Target{}, err
	}
	keys := master.Keys()
	load := func(ctx context.Context, schema int64, fill func(*tables.Loader) error) error {
		if f.database != "" {
			return postgres.Load(ctx, f.database, schema, fill)
		}
		return sqlite.Load(ctx, filepath.Join(dir, databaseName), keys.Subkey("sqlite"), schema, fill)
	}
	return backup.Target{Blobs: blobs, Load: load, ChainKey: collect.ChainKey(keys)}, nil
}

// tell says what a backup holds.
func tell(r *room, code, where string, c backup.Counts, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(r.out).Encode(c)
	}
	n := c.Tables["records"]
	p := r.speak()
	if _, err := fmt.Fprintln(r.out, p.Text(code, map[string]any{"count": n, "records": strconv.FormatInt(n, 10), "files": c.Blobs, "where": where})); err != nil {
		return err
	}
	if len(c.Missing) > 0 {
		r.say("backup.lacks", map[string]any{"count": len(c.Missing)})
	}
	return nil
}
