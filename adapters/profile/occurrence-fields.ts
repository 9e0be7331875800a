import { Schema, SchemaAST } from "effect"
import { OccurrenceWord } from "../../gateway/domain/observation.ts"
import { shown } from "./word.ts"

type Word = OccurrenceWord["_tag"]

/** What an occurrence's fields want, by its word, as the domain has it. */
export interface OccurrenceFields {
  /** All that it can have. */
  readonly known: ReadonlySet<string>
  /** What it cannot do without. */
  readonly needed: ReadonlyArray<string>
  /** What does not take every text, and whether it takes one. */
  readonly choosy: ReadonlyMap<string, (text: string) => boolean>
}

const fieldsOf = (word: Word): OccurrenceFields => {
  const fields = Object.entries<Schema.Top>(OccurrenceWord.cases[word].fields).filter(([name]) => name !== "_tag")
  return {
    known: new Set(fields.map(([name]) => name)),
    needed: fields.flatMap(([name, { ast }]) => (SchemaAST.isOptional(ast) ? [] : [name])),
    choosy: new Map(
      fields.flatMap(([name, schema]) =>
        SchemaAST.isString(schema.ast) && schema.ast.checks === undefined ? [] : [[name, Schema.is(schema)] as const]
      )
    )
  }
}

/** Of each word; read once, for every message's occurrences are looked at. */
const ofWords = new Map(
  (Object.keys(OccurrenceWord.cases) as ReadonlyArray<Word>).map((word) => [word, fieldsOf(word)])
)

export const occurrenceFields = (word: Word): OccurrenceFields => ofWords.get(word)!

/** What an occurrence of this word with these texts in its fields lacks or does not take, as words after its own. */
export const faultOf = (word: Word, texts: Readonly<Record<string, string>>): string | undefined => {
  const { needed, choosy } = occurrenceFields(word)
  for (const name of needed) if (texts[name] === undefined) return `lacks its ${name}`
  for (const [name, takes] of choosy) {
    const text = texts[name]
    if (text !== undefined && !takes(text)) return `has the ${name} ${shown(text)}, which is none that we know`
  }
  return undefined
}
