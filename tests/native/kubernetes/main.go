// Builds the manifests of a folder as `kubectl kustomize` does, and reads each of them strictly: a field that its kind does not have, or a
// value of another type, is an error. Prints what was built.
package main

import (
	"fmt"
	"os"
	"strings"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	if err := check(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(folder string) error {
	if err := monitoring.AddToScheme(scheme.Scheme); err != nil {
		return err
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return err
	}
	text, err := built.AsYaml()
	if err != nil {
		return err
	}
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	for _, document := range strings.Split(string(text), "\n---\n") {
		if _, _, err := decoder.Decode([]byte(document), nil, nil); err != nil {
			return fmt.Errorf("%w in\n%s", err, document)
		}
	}
	_, err = os.Stdout.Write(text)
	return err
}
