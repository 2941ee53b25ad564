/** A command of a document, as a reader would type it, and what the document says of it. */
export interface Step {
  /** Where it stands, from 1. */
  readonly line: number
  /** Without `offhook`. */
  readonly argv: readonly string[]
  /** What stands between `<<END` and `END`; a file of `<` is a password. */
  readonly stdin: string
  /** Lines that it prints, behind `# →`. */
  readonly says: readonly string[]
  /** The error that it is refused with, behind `# ✗`; null: it is done. */
  readonly refused: string | null
}

/** The commands under one heading: they start from nothing. */
export interface Recipe {
  readonly title: string
  /** As `# in offhook.yaml: country: US` says; DE where nothing does. */
  readonly country: string
  readonly steps: readonly Step[]
}

interface Line {
  readonly number: number
  readonly text: string
}

/** All of a Markdown document that stands in blocks of `sh`. Throws where a line of one is neither a command nor a comment. */
export function recipesOf(markdown: string): readonly Recipe[] {
  const recipes: Recipe[] = []
  let title = ''
  let block: Line[] | null = null
  let lines: Line[] = []
  const end = () => {
    if (lines.length > 0) recipes.push(recipeOf(title, lines))
    lines = []
  }
  for (const [at, text] of markdown.split('\n').entries()) {
    const [, heading] = /^#{2,3} (.*)$/.exec(text) ?? []
    if (block === null && heading !== undefined) {
      end()
      title = heading
    }
    if (text === '```sh') block = []
    else if (text === '```') {
      lines.push(...(block ?? []))
      block = null
    } else block?.push({ number: at + 1, text })
  }
  end()
  return recipes
}

function recipeOf(title: string, lines: readonly Line[]): Recipe {
  const steps: Step[] = []
  let country = 'DE'
  const left = [...lines]
  for (let line = left.shift(); line !== undefined; line = left.shift()) {
    const { number, text } = line
    const before = steps.at(-1)
    if (text.startsWith('offhook ')) steps.push(commandFrom(line, left))
    else if (text.startsWith('#')) {
      country = /^# in offhook\.yaml: country: (\w\w)$/.exec(text)?.[1] ?? country
      if (before) steps.splice(-1, 1, withComment(before, text))
      else if (/[→✗]/.test(text)) throw new Error(`line ${number} is of no command: ${text}`)
    } else if (text.trim() !== '') throw new Error(`line ${number} is neither a command nor a comment: ${text}`)
  }
  return { title, country, steps }
}

function commandFrom({ number, text }: Line, left: Line[]): Step {
  let command = text
  while (command.endsWith('\\')) command = `${command.slice(0, -1)} ${left.shift()?.text.trim() ?? ''}`
  const { words, comment, input } = shellWords(command)
  const step = { line: number, argv: words.slice(1), stdin: stdinFrom(input, left), says: [], refused: null }
  return withComment(step, comment)
}

function stdinFrom(input: string | null, left: Line[]): string {
  if (input === null) return ''
  if (!input.startsWith('<<')) return 'sesame\n'
  const end = left.findIndex(({ text }) => text === input.slice(2))
  if (end < 0) throw new Error(`${input} has no end`)
  const lines = left.splice(0, end + 1).slice(0, -1)
  return lines.map(({ text }) => `${text}\n`).join('')
}

function withComment(step: Step, comment: string): Step {
  const [, mark, text = ''] = /^#\s+([→✗])\s+(.*)$/.exec(comment) ?? []
  if (mark === '→') return { ...step, says: [...step.says, text] }
  return mark === '✗' ? { ...step, refused: text } : step
}

const WORD = /\s+|(?<comment>#.*$)|(?<input><<?\s*\S+)|(?<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\<#]#?)+)/gy

/** As a shell reads the line, without variables. */
function shellWords(line: string): { words: string[]; comment: string; input: string | null } {
  const words: string[] = []
  let [comment, input, end]: [string, string | null, number] = ['', null, 0]
  for (const { groups = {}, 0: read, index } of line.matchAll(WORD)) {
    end = index + read.length
    if (groups.word !== undefined) words.push(unquoted(groups.word))
    comment = groups.comment ?? comment
    input = groups.input?.replace(/\s/g, '') ?? input
  }
  if (end !== line.length) throw new Error(`a shell would not read this: ${line}`)
  return { words, comment, input }
}

function unquoted(word: string): string {
  return word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g, (_, single, double, escaped) =>
    double === undefined ? (single ?? escaped) : double.replace(/\\(["\\$`])/g, '$1'),
  )
}
