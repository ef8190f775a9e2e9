/**
 * What a shell loads once. Each script hands the words before the cursor to `vmtest complete` and shows its answer: one
 * candidate a line, with a description after a tab. No answer means that files fit.
 */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * Bash cuts words at `=` and `:`, of which cell ids are full. So the line is cut at blanks here, and what bash believes to
 * stand already is taken off the candidates again.
 */
const BASH = `# vmtest: completion for bash. In ~/.bashrc: eval "$(vmtest completion bash)"
_vmtest() {
  local line=\${COMP_LINE:0:COMP_POINT} words current standing candidate
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=\${words[\${#words[@]}-1]}
  standing=\${current%"\${current##*[=:]}"}
  [[ $COMP_WORDBREAKS == *=* ]] || standing=
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    [[ $candidate == "$current"* ]] && COMPREPLY+=("\${candidate#"$standing"}")
  done < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o default -F _vmtest vmtest
`;

const ZSH = `#compdef vmtest
# vmtest: completion for zsh. In ~/.zshrc, after compinit: eval "$(vmtest completion zsh)"
_vmtest() {
  local line
  local -a names shown
  while IFS= read -r line; do
    names+=("\${line%%$'\\t'*}")
    if [[ $line == *$'\\t'* ]]; then
      shown+=("\${line%%$'\\t'*}  -- \${line#*$'\\t'}")
    else
      shown+=("$line")
    fi
  done < <("\${words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#names} )); then
    compadd -l -d shown -a names
  else
    _files
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _vmtest "$@"
else
  compdef _vmtest vmtest
fi
`;

const FISH = `# vmtest: completion for fish. Once: vmtest completion fish > ~/.config/fish/completions/vmtest.fish
function __vmtest_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] complete -- $words[2..-1] 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c vmtest -f -a '(__vmtest_complete)'
`;

export const scripts: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
