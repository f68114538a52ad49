// A foreign C2SP witness (transparency-dev/witness, in memory) for one log.
//
// Usage: witness <signer key> <its verifier key> <log verifier key>. Says its URL and its cosigner key, a line each, and serves
// until its standard input ends.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	f_note "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/witness/persistence/inmemory"
	"github.com/transparency-dev/witness/witness"
	"golang.org/x/mod/sumdb/note"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func main() {
	signer := must(f_note.NewSignerForCosignatureV1(os.Args[1]))
	log := must(note.NewVerifier(os.Args[3]))
	w := must(witness.New(context.Background(), witness.Opts{
		Persistence: inmemory.New(),
		Signers:     []note.Signer{signer},
		VerifierForLog: func(_ context.Context, origin string) (note.Verifier, bool, error) {
			return log, origin == log.Name(), nil
		},
	}))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", witness.NewHTTPHandler(w).AddCheckpoint)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Printf("http://%s\n%s\n", listener.Addr(), must(f_note.VKeyToCosignatureV1(os.Args[2])))
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); os.Exit(0) }()
	must(0, http.Serve(listener, mux))
}
