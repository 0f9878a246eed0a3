//go:build !windows

package blob

import (
	"errors"
	"syscall"
)

// noRoom says whether the disk, or the owner's share of it, is full.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
