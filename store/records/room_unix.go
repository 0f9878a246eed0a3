//go:build !windows

package records

import (
	"errors"
	"syscall"
)

// NoRoom says whether the disk, or the owner's share of it, is full.
func NoRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
