#!/usr/bin/env bash
# Gives @tensorflow/tfjs-node its native library where the download of its installer is out of reach: builds the addon
# against the C API that a TensorFlow Python wheel holds. Needs npm, unzip, g++ and, once, about 1 GB of disk.
#
#   pip download --no-deps tensorflow-cpu==2.18.0
#   libs/engines/keras/native-from-wheel.sh tensorflow_cpu-2.18.0-*.whl
#
# `npm ci` takes it away again: run this after it.
set -euo pipefail
[ $# -eq 1 ] && [ -f "$1" ] || { echo "usage: $0 tensorflow_cpu-….whl" >&2; exit 2; }
wheel=$(realpath "$1")
cd "$(dirname "$0")/../../.."
version=$(node -p "require('./package.json').optionalDependencies['@tensorflow/tfjs-node']")
package=node_modules/@tensorflow/tfjs-node
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --no-save --ignore-scripts --no-audit --no-fund "@tensorflow/tfjs-node@$version"
npm install --silent --no-save --no-audit --no-fund --prefix "$work" node-api-headers
unzip -q "$wheel" 'tensorflow/libtensorflow_cc.so.2' 'tensorflow/libtensorflow_framework.so.2' 'tensorflow/include/*' -d "$work"

mkdir -p "$package/lib/napi-v8" "$package/deps/lib"
mv "$work"/tensorflow/libtensorflow_{cc,framework}.so.2 "$package/deps/lib/"
g++ -O2 -std=c++17 -fPIC -shared -DNAPI_VERSION=8 \
  -I"$work/node_modules/node-api-headers/include" -I"$work/tensorflow/include" -I"$package" \
  "$package"/binding/*.cc -o "$package/lib/napi-v8/tfjs_binding.node" \
  -L"$package/deps/lib" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 -Wl,-rpath,'$ORIGIN/../../deps/lib'
echo "built $package/lib/napi-v8/tfjs_binding.node"
