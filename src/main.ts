#!/usr/bin/env bun
import { runCli } from "./cli/run.ts";

process.exit(await runCli(process.argv0, process.argv.slice(2), process.env));
