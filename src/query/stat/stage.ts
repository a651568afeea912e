import type { Scope } from '../fields/queryable-fields.js';
import type { Stage } from '../filter/mongo-filter.js';

/** Where a pipeline stands between two stages. */
export interface Position {
  /** What the next stage can name. */
  readonly scope: Scope;
  readonly now: Date;
  /** The rows are still whole documents of the resource, with what is stored beside its fields. */
  readonly documents: boolean;
  /** Names that a group has made its keys, and that a later `project` keeps unless told otherwise. */
  readonly groupKeys: readonly string[];
}

/** What a stage becomes, and where the pipeline stands after it. */
export interface CompiledStage {
  readonly stages: readonly Stage[];
  readonly position: Position;
}

/**
 * Compiles one stage.
 *
 * @param at where the stage stands in the request, as error messages name it: `query.aggregate[0].group`
 */
export type StageCompiler = (options: unknown, position: Position, at: string) => CompiledStage;
