import { Effect, Schema } from "effect"
import { RefusedConfig } from "../domain/configuration.ts"
import { ConfigurationWrong } from "../settings/configuration.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { Problem } from "./problem.ts"
import type { Sources } from "./sources.ts"

/** The configuration in force, and the one that was wanted last where it was wrong. */
export const ConfigAnswer = Schema.Struct({
  version: Schema.String.annotate({ description: "A hash of the configuration in force; empty before the first one" }),
  refused: Schema.NullOr(RefusedConfig).annotate({
    description: "What was written last and is wrong: the configuration before it stays in force. Null: all is in force"
  })
}).annotate({ identifier: "ConfigAnswer" })

const ReloadAnswer = Schema.Struct({
  version: Schema.String,
  changes: Schema.Array(Schema.String).annotate({ description: "What is other than before; empty: nothing" })
}).annotate({ identifier: "ReloadAnswer" })

/** Each thing that is wrong, at its file, line and column. */
const problemOfWrong = ({ problems }: ConfigurationWrong): Problem =>
  new Problem({
    kind: "configuration-wrong",
    title: "The configuration is wrong",
    status: 422,
    detail:
      "The one before it stays in force; errors say what is wrong where. Mend it (gatehouse check tells all of it): it is read again by itself.",
    errors: problems.map(({ file, line, column, message: wrong }) => ({
      path: `${file}:${line}:${column}`,
      message: wrong
    }))
  })

/** The configuration: which one is in force, and reading it anew. */
export const configRoutes = ({ intake, configuration }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/config",
    right: "see",
    summary: "Which configuration is in force, and what is wrong with what was written since",
    answer: ConfigAnswer,
    handle: () =>
      Effect.sync(() => {
        const { configVersion, refusedConfig } = intake.situation()
        return { version: configVersion, refused: refusedConfig ?? null }
      })
  }),
  endpoint({
    method: "post",
    path: "/config/reload",
    right: "configure",
    summary: "Read the configuration anew and put it in force, whole or not at all; twice changes nothing more",
    answer: ReloadAnswer,
    problems: [409, 422],
    handle: ({ by }) =>
      configuration
        .reload(by)
        .pipe(Effect.mapError((failure) => (failure instanceof ConfigurationWrong ? problemOfWrong(failure) : failure)))
  })
]
