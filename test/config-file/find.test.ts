import { expect, test } from "bun:test";
import { ConfigError } from "../../src/config/problem.ts";
import { findConfigFile } from "../../src/config-file/index.ts";
import { TestFolder } from "./folder.ts";

const folder = new TestFolder();

test.each(["yaml", "yml", "json", "toml"])("lb.config.%s is found", async (extension) => {
  const file = folder.write(`one-${extension}/lb.config.${extension}`, "");
  folder.write(`one-${extension}/lb.config.txt`, "");
  folder.write(`one-${extension}/xlb.config.json`, "");
  expect(await findConfigFile(`${folder.path}/one-${extension}`)).toBe(file);
});

test("none is found where there is none, or no folder", async () => {
  folder.write("none/config.yaml", "");
  expect(await findConfigFile(`${folder.path}/none`)).toBeUndefined();
  expect(await findConfigFile(`${folder.path}/nowhere`)).toBeUndefined();
});

test.each(["ts", "mts", "js", "mjs"])("lb.config.%s is not run unless it is named", async (extension) => {
  folder.write(`program-${extension}/lb.config.${extension}`, "throw 1;");
  const name = `lb.config.${extension}`;
  await expect(findConfigFile(`${folder.path}/program-${extension}`)).rejects.toThrow(
    new ConfigError(`config: found ${name}, which is a program, expected --config ${name} to run it`),
  );
});

test("of several none is taken", async () => {
  folder.write("two/lb.config.yaml", "");
  folder.write("two/lb.config.json", "");
  await expect(findConfigFile(`${folder.path}/two`)).rejects.toThrow(
    "config: found lb.config.json and lb.config.yaml, expected one, or --config with the one to take",
  );
});
