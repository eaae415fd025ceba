// Reads objects as JSON and as protobuf from standard input, and holds what the real types make of the two against each
// other. It prints one line for each kind.
//
// Every sample is three blocks, each with its length before it as four bytes, the first byte first: apiVersion and kind
// with a space between them, the JSON, the protobuf. Samples of a kind stand together.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

type sample struct {
	kind        string
	json, bytes []byte
}

// tally is what became of the samples of one kind.
type tally struct {
	kind  string
	count int
	// The first problem; one is enough to look into.
	problem error
}

func main() {
	utilruntime.Must(apiextensions.AddToScheme(scheme.Scheme))
	utilruntime.Must(apiregistration.AddToScheme(scheme.Scheme))
	utilruntime.Must(metav1.AddMetaToScheme(scheme.Scheme))
	metav1.AddToGroupVersion(scheme.Scheme, metav1.SchemeGroupVersion)
	judge := newJudge(scheme.Scheme)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	failed := false
	var current tally
	for {
		next, err := readSample(in)
		if err != nil && !errors.Is(err, io.EOF) {
			fmt.Printf("not ok samples are read: %v\n", err)
			os.Exit(1)
		}
		if err != nil || next.kind != current.kind {
			failed = current.print() || failed
			current = tally{kind: next.kind}
		}
		if err != nil {
			break
		}
		current.count++
		if current.problem == nil {
			current.problem = judge.compare(next)
		}
	}
	if failed {
		os.Exit(1)
	}
}

// print says whether there was a problem.
func (t tally) print() bool {
	if t.count == 0 {
		return false
	}
	sentence := fmt.Sprintf("%d objects of %s mean in protobuf what they mean in JSON, byte for byte as Go writes them", t.count, t.kind)
	if t.problem == nil {
		fmt.Printf("ok %s\n", sentence)
		return false
	}
	fmt.Printf("not ok %s: %v\n", sentence, t.problem)
	return true
}

func readSample(in io.Reader) (sample, error) {
	var blocks [3][]byte
	for index := range blocks {
		var length [4]byte
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return sample{}, err
		}
		blocks[index] = make([]byte, binary.BigEndian.Uint32(length[:]))
		if _, err := io.ReadFull(in, blocks[index]); err != nil {
			return sample{}, fmt.Errorf("cut off: %w", err)
		}
	}
	return sample{kind: string(blocks[0]), json: blocks[1], bytes: blocks[2]}, nil
}

type judge struct {
	text   runtime.Serializer
	binary runtime.Serializer
}

func newJudge(known *runtime.Scheme) judge {
	return judge{
		text:   json.NewSerializerWithOptions(json.DefaultMetaFactory, known, known, json.SerializerOptions{Strict: true}),
		binary: protobuf.NewSerializer(known, known),
	}
}

// compare is nil when both forms are the same object, and Go's protobuf of it has the same bytes.
func (j judge) compare(given sample) error {
	fromText, _, err := j.text.Decode(given.json, nil, nil)
	if err != nil {
		return fmt.Errorf("JSON %s: %w", given.json, err)
	}
	fromBytes, _, err := j.binary.Decode(given.bytes, nil, nil)
	if err != nil {
		return fmt.Errorf("protobuf %x of %s: %w", given.bytes, given.json, err)
	}
	if !equality.Semantic.DeepEqual(fromText, fromBytes) {
		return fmt.Errorf("protobuf of %s is read as %#v", given.json, fromBytes)
	}
	var written bytes.Buffer
	if err := j.binary.Encode(fromText, &written); err != nil {
		return fmt.Errorf("%s cannot be written: %w", given.json, err)
	}
	if !bytes.Equal(written.Bytes(), given.bytes) {
		return fmt.Errorf("%s is %x, Go writes %x", given.json, given.bytes, written.Bytes())
	}
	return nil
}
