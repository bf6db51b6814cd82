// Generates the Python SDK of a Pulumi package from its schema, with the code that Pulumi's Python language plugin runs
// for `pulumi package gen-sdk`: gensdk SCHEMA FOLDER.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	check(err)
	var spec schema.PackageSpec
	check(json.Unmarshal(text, &spec))
	pkg, err := schema.ImportSpec(spec, nil, alone{}, schema.ValidationOptions{})
	check(err)
	files, err := python.GeneratePackage("pulumi", pkg, nil, nil)
	check(err)
	for name, content := range files {
		path := filepath.Join(os.Args[2], name)
		check(os.MkdirAll(filepath.Dir(path), 0o755))
		check(os.WriteFile(path, content, 0o644))
	}
}

// alone loads no other packages: the schema refers to none.
type alone struct{}

func (alone) LoadPackage(name string, _ *semver.Version) (*schema.Package, error) {
	return nil, fmt.Errorf("the schema refers to the package %s", name)
}

func (alone) LoadPackageV2(_ context.Context, it *schema.PackageDescriptor) (*schema.Package, error) {
	return nil, fmt.Errorf("the schema refers to the package %s", it.Name)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
