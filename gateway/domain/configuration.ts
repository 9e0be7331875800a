import { Schema } from "effect"
import { EpochMs } from "./ids.ts"

/** One thing that is wrong with a configuration, where it stands in which file. */
export const ConfigProblem = Schema.Struct({
  file: Schema.String,
  /** From 1, as `column`. */
  line: Schema.Finite,
  column: Schema.Finite,
  message: Schema.String
}).annotate({ identifier: "ConfigProblem" })
export type ConfigProblem = typeof ConfigProblem.Type

/** So many of its problems are kept with a refused configuration; `gatehouse check` tells all. */
export const configProblemsKept = 20

/** A configuration that was wrong, and so was not put in force: the one before it stays. */
export const RefusedConfig = Schema.Struct({
  since: EpochMs,
  /** Who wanted it: the configuration file, or an officer. */
  by: Schema.String,
  problems: Schema.Array(ConfigProblem)
}).annotate({ identifier: "RefusedConfig" })
export type RefusedConfig = typeof RefusedConfig.Type
