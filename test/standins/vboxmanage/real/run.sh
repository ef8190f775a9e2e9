#!/bin/sh
# Runs the real VBoxManage in the folder that build.sh made.
#
#   run.sh BUILT WORK ARG...    WORK is a folder in /tmp, the only one that can be written to; inside it has the
#                               same path, and is HOME
#
# All mounts are in a namespace of this process. VBoxManage starts its server, which finds its clients by a socket in
# /tmp and ends by itself some seconds after the last of them; so what is /tmp inside lies in WORK too.
set -eu
root=$1/root work=$2
shift 2
case $work in
  /tmp/?*) ;;
  *) echo "run.sh: $work is not in /tmp" >&2; exit 64 ;;
esac
mkdir -p "$work/tmp/${work#/tmp/}"
as_root=
[ "$(id -u)" = 0 ] || as_root=-r
# shellcheck disable=SC2016,SC2086 # for the inner shell; an option or nothing
exec unshare -m $as_root sh -eu -c '
  root=$1 work=$2
  shift 2
  mount --bind "$root" "$root"
  mount -o remount,bind,ro "$root"
  for folder in dev proc sys; do mount --rbind "/$folder" "$root/$folder"; done
  mount --bind "$work/tmp" "$root/tmp"
  mount --bind "$work" "$root$work"
  exec chroot "$root" /usr/bin/env -i HOME="$work" LOGNAME=tester PATH=/usr/bin:/bin \
    LC_ALL="${LC_ALL:-C}" /usr/lib/virtualbox/VBoxManage "$@"
' sh "$root" "$work" "$@"
