/**
 * How a person checks a bundle with programs that every system has. `verify.sh` does the same steps in order; it needs a
 * POSIX shell, openssl 1.1.1 or later and sha256sum.
 */
export function readme(bundle: {
  readonly model: string;
  readonly number: number;
  readonly versionDigest: string;
}): string {
  return `Evidence for ${bundle.model}@${bundle.number}
version digest  ${bundle.versionDigest}

This folder shows which files the version consists of, who allowed it, under which policy, and that the record of all this
stands in an append-only log. Nothing of Castellan is needed to check it: run

    sh verify.sh

or go through the steps by hand. Three things can't come from this folder; compare them with what you were given by a way
you trust: the fingerprint of ca.pem, the officers' keys (bundle.json, "officers"), and the log's key (audit/log.vkey).

1  Nothing was changed since the export
     sha256sum -c SHA256SUMS
     openssl cms -verify -binary -inform PEM -in SHA256SUMS.cms -content SHA256SUMS -CAfile ca.pem -out /dev/null
     openssl x509 -in ca.pem -noout -fingerprint -sha256
2  The manifest is the version
     sha256sum manifest.json          must print the version digest above
     sha256sum scan-report.json       must be the digest that the approvals name as evidence
3  Signatures: for every documents/<digest>.pae and signature documents/<digest>.<n>.<keyid>.sig
     openssl dgst -sha256 -verify keys/<keyid>.pem -signature documents/<digest>.<n>.<keyid>.sig documents/<digest>.pae
     documents/<digest>.payload.json is what was signed, in words. Policies and reviewer certificates must be signed by an
     officer's key; approvals by a key that a reviewer certificate names.
4  The log
     openssl pkeyutl -verify -pubin -inkey audit/log.pem -rawin -in audit/checkpoint.signed -sigfile audit/checkpoint.sig
     For every audit/<index>.leaf.json, the hash path in audit/<index>.tlog-proof leads to the checkpoint's root (RFC 6962);
     verify.sh shows how.
5  The time, if there is a folder audit/timestamp
     openssl ts -verify -token_in -in audit/timestamp/token.tst -data audit/timestamp/checkpoint.txt -CAfile <CA of the authority>
     An authority that is not Castellan says when that state of the log existed; openssl ts -reply -token_in -in … -text shows
     the time. Every record with an index below the second line of that checkpoint is at least as old.

中文说明
本目录证明：该版本由哪些文件组成、由谁依据哪条策略批准，以及全部记录都在只增不改的日志之中。校验不需要 Castellan：
运行  sh verify.sh  ，或按上面各步手工执行。有三样东西必须通过您信任的其他途径核对：ca.pem 的指纹、安全官公钥
（bundle.json 中的 officers）以及日志公钥（audit/log.vkey）。
  第 1 步  导出之后没有任何改动（SHA256SUMS 及其 CMS 签名）
  第 2 步  manifest.json 的 SHA-256 就是版本摘要；scan-report.json 的 SHA-256 就是审批中引用的证据
  第 3 步  每份文件（策略、审阅人证书、审批、撤销）的签名
  第 4 步  日志检查点的签名，以及每条记录到检查点根哈希的路径（RFC 6962）
  第 5 步  若有 audit/timestamp 目录：第三方时间戳机构（RFC 3161）证明日志的该状态在何时已经存在
`;
}

export const verifyScript = `#!/bin/sh
# Checks this evidence with openssl and sha256sum alone. Prints what it checked; the exit status is 0 only if all of it holds.
cd "$(dirname "$0")" || exit 2
faults=0
check() { # words, then a command
  words=$1; shift
  if "$@" >/dev/null 2>&1; then echo "ok     $words"; else echo "FAULT  $words"; faults=$((faults + 1)); fi
}
check 'every file is as listed in SHA256SUMS' sha256sum --quiet -c SHA256SUMS
check 'SHA256SUMS is signed by the platform' openssl cms -verify -binary -inform PEM -in SHA256SUMS.cms -content SHA256SUMS -CAfile ca.pem -out /dev/null

field() { sed -n 's/.*"'"$2"'":"\\([^"]*\\)".*/\\1/p' "$1" | head -n 1; }
same() { [ "$1" = "$2" ]; }
digest=$(field bundle.json versionDigest)
check "manifest.json has the version digest $digest" same "$(sha256sum manifest.json | cut -d ' ' -f 1)" "$digest"

for signature in documents/*.sig; do
  name=\${signature#documents/}
  document=\${name%%.*}
  key=\${name%.sig}; key=\${key##*.}
  check "document $document is signed by key $key" openssl dgst -sha256 -verify "keys/$key.pem" -signature "$signature" "documents/$document.pae"
done

check 'the checkpoint is signed by the log' openssl pkeyutl -verify -pubin -inkey audit/log.pem -rawin -in audit/checkpoint.signed -sigfile audit/checkpoint.sig
size=$(sed -n 2p audit/checkpoint.txt)
root=$(sed -n 3p audit/checkpoint.txt)

hash() { openssl dgst -sha256 -binary | openssl base64 -A; }
node() { { printf '\\001'; printf '%s' "$1" | openssl base64 -d -A; printf '%s' "$2" | openssl base64 -d -A; } | hash; }
# RFC 9162 section 2.1.3.2: fold the path from the leaf to the root.
included() { # leaf file, proof file
  fn=$(sed -n 's/^index //p' "$2"); sn=$((size - 1)); r=$({ printf '\\000'; cat "$1"; } | hash)
  [ "$fn" -le "$sn" ] || return 1
  for p in $(sed -n '/^index /,/^$/p' "$2" | sed '1d;/^$/d'); do
    [ "$sn" -gt 0 ] || return 1
    if [ $((fn % 2)) -eq 1 ] || [ "$fn" -eq "$sn" ]; then
      r=$(node "$p" "$r")
      while [ $((fn % 2)) -eq 0 ] && [ "$fn" -gt 0 ]; do fn=$((fn / 2)); sn=$((sn / 2)); done
    else
      r=$(node "$r" "$p")
    fi
    fn=$((fn / 2)); sn=$((sn / 2))
  done
  [ "$sn" -eq 0 ] && [ "$r" = "$root" ]
}
for leaf in audit/*.leaf.json; do
  index=\${leaf#audit/}; index=\${index%%.*}
  check "record $index is in the log of $size records" included "$leaf" "audit/$index.tlog-proof"
done
echo
if [ "$faults" -eq 0 ]; then echo "All of it holds."; else echo "$faults faults."; exit 1; fi
`;
