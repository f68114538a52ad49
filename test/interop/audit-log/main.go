// Reads a Castellan audit log with other people's code only and says on standard output, as JSON, what it saw.
//
// Usage: verify <log prefix> <verifier key> <older checkpoint file>; the bearer token is in TOKEN.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var prefix = os.Args[1]

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func fetch(path string) ([]byte, error) {
	request, err := http.NewRequest("GET", prefix+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != 200 {
		err = fmt.Errorf("%s: %s %s", path, response.Status, body)
	}
	return body, err
}

// tiles reads C2SP paths, which have no height: tlog's own have ("tile/8/0/…").
type tiles struct{}

func (tiles) Height() int                         { return 8 }
func (tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (tiles) ReadTiles(wanted []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range wanted {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		bytes, err := fetch(path)
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

func open(text []byte, verifier note.Verifier) *log.Checkpoint {
	checkpoint, _, _, err := log.ParseCheckpoint(text, verifier.Name(), verifier)
	check(err)
	return checkpoint
}

func entries(size uint64) (all [][]byte) {
	for begin := uint64(0); begin < size; begin += 256 {
		tile := tlog.Tile{H: 8, L: -1, N: int64(begin / 256), W: int(min(256, size-begin))}
		path := "tile/entries/" + strings.TrimPrefix(tile.Path(), "tile/8/data/")
		for bundle := must(fetch(path)); len(bundle) > 0; {
			length := int(binary.BigEndian.Uint16(bundle))
			all = append(all, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
	}
	return all
}

func main() {
	verifier := must(note.NewVerifier(os.Args[2]))
	served := must(fetch("checkpoint"))
	must(note.Open(served, note.VerifierList(verifier)))
	head := open(served, verifier)
	older := open(must(os.ReadFile(os.Args[3])), verifier)
	changed := bytes.Replace(served, []byte("\n"+strconv.FormatUint(head.Size, 10)+"\n"), []byte("\n1\n"), 1)
	_, changedErr := note.Open(changed, note.VerifierList(verifier))

	tree := tlog.Tree{N: int64(head.Size), Hash: tlog.Hash(head.Hash)}
	reader := tlog.TileHashReader(tree, tiles{})
	leaves := entries(head.Size)
	root := rebuild(leaves)

	oldTree := tlog.Hash(older.Hash)
	treeProof := must(tlog.ProveTree(tree.N, int64(older.Size), reader))
	check(tlog.CheckTree(treeProof, tree.N, tree.Hash, int64(older.Size), oldTree))
	check(proof.VerifyConsistency(rfc6962.DefaultHasher, older.Size, head.Size, hashes(treeProof), older.Hash, head.Hash))

	records, foreign := 0, 0
	for index := int64(0); index < tree.N; index += 37 {
		recordProof := must(tlog.ProveRecord(tree.N, index, reader))
		leaf := tlog.RecordHash(leaves[index])
		check(tlog.CheckRecord(recordProof, tree.N, tree.Hash, index, leaf))
		served := servedProof(index)
		check(proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), head.Size, leaf[:], served, head.Hash))
		other := tlog.RecordHash([]byte("another"))
		if proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), head.Size, other[:], served, head.Hash) != nil {
			foreign++
		}
		records++
	}
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"origin": head.Origin, "size": head.Size, "olderSize": older.Size,
		"rebuiltRootIsSigned": bytes.Equal(root, head.Hash), "changedCheckpointRefused": changedErr != nil,
		"recordsProved": records, "foreignLeavesRefused": foreign, "entries": len(leaves),
		"firstEntry": string(leaves[0]),
	}))
}

// rebuild makes the root again from nothing but the entries, with transparency-dev's tree.
func rebuild(leaves [][]byte) []byte {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	tree := factory.NewEmptyRange(0)
	for _, leaf := range leaves {
		check(tree.Append(rfc6962.DefaultHasher.HashLeaf(leaf), nil))
	}
	return must(tree.GetRootHash(nil))
}

// servedProof is the inclusion proof in the C2SP tlog-proof that the log itself serves.
func servedProof(index int64) (proof [][]byte) {
	text := string(must(fetch("proof/" + strconv.FormatInt(index, 10))))
	head, _, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != "index "+strconv.FormatInt(index, 10) {
		check(fmt.Errorf("not a log proof of leaf %d: %q", index, lines[:2]))
	}
	for _, line := range lines[2:] {
		proof = append(proof, must(base64.StdEncoding.DecodeString(line)))
	}
	return proof
}

func hashes(list []tlog.Hash) (all [][]byte) {
	for _, hash := range list {
		all = append(all, hash[:])
	}
	return all
}
