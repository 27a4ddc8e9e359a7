import type { Command } from "commander";
import { Problem } from "../../floor/problem.ts";
import type { Noun } from "./command.ts";

const shells = { bash, zsh, fish };

export const completion: Noun = (program, shell) => {
  program
    .command("completion")
    .description("a script that completes commands: bash, zsh or fish")
    .argument("<shell>")
    .action((name: string) => {
      if (name !== "bash" && name !== "zsh" && name !== "fish")
        throw new Problem("invalid", "there are completions for bash, zsh and fish");
      shell.write([shells[name](wordsOf(program, ""))]);
    });
};

interface Words {
  /** What was typed before, such as `agent key`. */
  readonly after: string;
  readonly words: readonly string[];
}

/** What may follow each command. */
function wordsOf(command: Command, after: string): readonly Words[] {
  const visible = command.commands;
  const options = [...command.options, ...(after === "" ? [] : [])]
    .map((option) => option.long ?? "")
    .filter((name) => name !== "");
  const own = { after, words: [...visible.map((one) => one.name()), ...options, "--help"] };
  return [own, ...visible.flatMap((one) => wordsOf(one, `${after} ${one.name()}`.trim()))];
}

function bash(all: readonly Words[]): string {
  const cases = all.map(({ after, words }) => `    "${after}") words="${words.join(" ")}";;`);
  return `_countersign() {
  local path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word";; esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _countersign countersign`;
}

function zsh(all: readonly Words[]): string {
  return `#compdef countersign\nautoload -U +X bashcompinit && bashcompinit\n${bash(all)}`;
}

function fish(all: readonly Words[]): string {
  const cases = all.map(({ after, words }) => `    case '${after}'\n      printf '%s\\n' ${words.join(" ")}`);
  return `function __countersign_words
  set -l path (commandline -opc | tail -n +2 | string match -v -- '-*' | string join ' ')
  switch "$path"
${cases.join("\n")}
  end
end
complete -c countersign -f -a '(__countersign_words)'`;
}
