#!/usr/bin/env bash
# Builds the image from the Dockerfile without Docker and without an image registry: build.sh <scratch folder>
# Needs root, buildah and debootstrap. The two base images are made here under the names that the Dockerfile gives them: the
# same Debian release, Node of the same major version from the npm registry, and for the second one only the libraries that
# Node links to, as in the distroless image: no shell, no package manager.
set -euo pipefail
scratch=$1
buildah=(buildah --root "$scratch/store" --runroot "$scratch/run" --storage-driver vfs)
export BUILDAH_ISOLATION=chroot

from() { sed -n 's/^FROM \([^ ]*\).*/\1/p' Dockerfile | sed -n "${1}p"; }
[[ $(from 1) =~ ^node:([0-9]+)-([a-z]+)-slim ]] || { echo "unexpected: FROM $(from 1)" >&2; exit 1; }
version=${BASH_REMATCH[1]}
release=${BASH_REMATCH[2]}

mkdir -p "$scratch/node"
echo '{}' >"$scratch/node/package.json"
npm install --prefix "$scratch/node" --no-audit --no-fund "node@$version"
node=$scratch/node/node_modules/node/bin/node

full=$scratch/full
debootstrap --variant=minbase "$release" "$full"
cp "$node" "$full/usr/local/bin/node"
mkdir -p "$full/usr/local/lib/node_modules"
cp -a "$(npm root --global)/npm" "$full/usr/local/lib/node_modules/"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$full/usr/local/bin/npm"

bare=$scratch/bare
mkdir -p "$bare/nodejs/bin"
chroot "$full" dpkg -L base-files libc6 libgcc-s1 libstdc++6 tzdata | sort -u | sed -n 's#^/\([^.]\)#\1#p' >"$scratch/files"
# links of the top level, as they are since /usr was merged
printf '%s\n' bin lib lib64 sbin >>"$scratch/files"
tar -C "$full" --no-recursion -cf - -T "$scratch/files" | tar -C "$bare" -xf -
cp "$node" "$bare/nodejs/bin/node"

# $1: a root file system, $2: the image's name, $3...: its configuration
base() {
  local container
  container=$("${buildah[@]}" from scratch)
  "${buildah[@]}" add --quiet "$container" "$1" /
  "${buildah[@]}" config "${@:3}" "$container"
  "${buildah[@]}" commit --quiet --rm "$container" "$2"
  rm -rf "$1"
}
# npm trusts whom it trusts outside, and takes from its cache what is there
outside=(--volume /etc/ssl/certs:/etc/ssl/certs:ro --volume "$(npm config get cache):/root/.npm")
npmrc=$(npm config get userconfig)
[ ! -f "$npmrc" ] || outside+=(--volume "$npmrc:/root/.npmrc:ro")
base "$full" "docker.io/library/$(from 1)" --env PATH=/usr/local/bin:/usr/bin:/bin --env npm_config_prefer_offline=true
base "$bare" "$(from 2)" --entrypoint '["/nodejs/bin/node"]'

# the format of Docker, because OCI's has no HEALTHCHECK
"${buildah[@]}" bud --pull-never --format docker "${outside[@]}" --build-arg VERSION="$(node -p 'require("./package.json").version')" \
  --build-arg REVISION=tested --tag flinkops:tested .
"${buildah[@]}" mount "$("${buildah[@]}" from --pull-never flinkops:tested)" >"$scratch/mounted"
"${buildah[@]}" inspect --type image flinkops:tested >"$scratch/inspected.json"
