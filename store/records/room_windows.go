package records

import (
	"errors"
	"syscall"
)

// NoRoom says whether the disk is full: ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL.
func NoRoom(err error) bool {
	return errors.Is(err, syscall.Errno(39)) || errors.Is(err, syscall.Errno(112))
}
