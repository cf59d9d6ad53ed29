# Writes down the state of the shell that runs an example, so that the shell of
# the next one can take it up. Sourced when the shell exits, with its diagnostics
# dropped; @STATE@, @OPTIONS@ and @SCRATCH@ are the files to write.

__harness_status=$?
# First the options, which the rest of this file would suffer from.
builtin set +o >| @OPTIONS@
builtin set +aefuxvC

{
  builtin printf '__harness_status=%s\n' "$__harness_status"
  # The shell's own idea of where it is may be out of date.
  __harness_name=${OLDPWD-}
  builtin cd . >/dev/null
  [[ -n $__harness_name ]] && OLDPWD=$__harness_name
  builtin printf 'builtin cd -- %q >/dev/null\n' "$PWD"
} >| @STATE@

builtin dirs -l -p >| @SCRATCH@
builtin mapfile -t __harness_names < @SCRATCH@
for ((__harness_at = ${#__harness_names[@]} - 1; __harness_at > 0; __harness_at--)); do
  builtin printf 'builtin pushd -n %q >/dev/null\n' "${__harness_names[__harness_at]}"
done >> @STATE@

{
  builtin umask -p
  # Function bodies may hold patterns that are only read with this.
  builtin printf 'builtin shopt -s extglob\n'
  builtin declare -f
  builtin declare -F
} >> @STATE@

builtin compgen -v >| @SCRATCH@
builtin mapfile -t __harness_names < @SCRATCH@
__harness_kept=()
for __harness_name in "${__harness_names[@]}"; do
  case $__harness_name in
    # What the shell sets by itself, anew in each process.
    BASH | BASHOPTS | BASHPID | BASH_ALIASES | BASH_ARG* | BASH_CMDS | BASH_COMMAND) ;;
    BASH_EXECUTION_STRING | BASH_LINENO | BASH_MONOSECONDS | BASH_REMATCH | BASH_SOURCE) ;;
    BASH_SUBSHELL | BASH_TRAPSIG | BASH_VERSINFO | BASH_VERSION | COMP_WORDBREAKS) ;;
    DIRSTACK | EPOCH* | EUID | FUNCNAME | GROUPS | HISTCMD | LINENO | PIPESTATUS | PPID) ;;
    PWD | RANDOM | SECONDS | SHELLOPTS | SHLVL | SRANDOM | UID | _) ;;
    # What is ours.
    HARNESS_MARK | __harness_*) ;;
    *) __harness_kept+=("$__harness_name") ;;
  esac
done

{
  builtin declare -p "${__harness_kept[@]}"
  builtin printf 'builtin set --'
  (($#)) && builtin printf ' %q' "$@"
  builtin printf '\n'
  builtin shopt -p
  # Last: an alias changes how lines after it are read.
  builtin alias -p
  builtin printf '# whole\n'
} >> @STATE@
