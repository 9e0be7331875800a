import { Logger } from "effect"

/** What the parts have to say while they run: on standard error, so that standard output stays data. */
export const diagnostics = Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])
