// Command waymark follows people on the move from the interview to the published page. This room knows flags,
// configuration and wiring: it is the only one where files, stores and transports meet. It must not know how a
// model is fitted, how a table is cleared or how a page is drawn; it calls the rooms that do.
//
// Every verb is one file: its flags, its help, and a function that gathers first and prints after. Standard
// output carries what was asked for and nothing else; errors go to standard error with a hint. The exit code
// is 0 where the work was done, 1 where it failed and 2 where the command was written wrongly.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(program()) }

// program runs the command of this process until it is done or told to stop, by a person or by the system.
func program() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, os.Args[1:], room{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv})
}
