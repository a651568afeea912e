import { invalidParameter, requiredParameter } from '../../common/errors/errors.js';
import type { Stage } from '../filter/mongo-filter.js';
import { QUERY_LIMITS } from '../limits.js';
import { list, object } from '../shape.js';
import { compileGroup } from './group.js';
import { compileProject } from './project.js';
import { countStage, limitStage, skipStage, sortStage, unwindStage } from './simple-stages.js';
import type { Position, StageCompiler } from './stage.js';

const compilers: ReadonlyMap<string, StageCompiler> = new Map(
  Object.entries({
    unwind: unwindStage,
    group: compileGroup,
    count: countStage,
    sort: sortStage,
    project: compileProject,
    limit: limitStage,
    skip: skipStage,
  }),
);
const kinds = [...compilers.keys()].join(', ');

/**
 * Compiles `aggregate`, stage by stage in the order given: each can name what the one before it left.
 *
 * @throws ERROR_REQUIRED_PARAMETER for a stage that is none, ERROR_INVALID_PARAMETER for one that is two; and as the
 * stages throw
 */
export function compileAggregate(aggregate: unknown, start: Position, at: string): Stage[] {
  let position = start;
  const pipeline: Stage[] = [];
  for (const [index, item] of list(aggregate, at, QUERY_LIMITS.stages).entries()) {
    const where = `${at}[${index}]`;
    const given = Object.entries(object(item, where)).filter(
      ([, options]) => options !== undefined && options !== null,
    );
    const [first, second] = given;
    if (first === undefined) throw requiredParameter(where);
    if (second !== undefined) throw invalidParameter(where, 'a stage must be one alone', `${first[0]}, ${second[0]}`);
    const [kind, options] = first;
    const compile = compilers.get(kind);
    if (compile === undefined) throw invalidParameter(`${where}.${kind}`, `must be one of ${kinds}`);
    const compiled = compile(options, position, `${where}.${kind}`);
    pipeline.push(...compiled.stages);
    position = compiled.position;
  }
  return position.documents ? [...pipeline, ownFields(position)] : pipeline;
}

/** Rows that no stage has shaped still have all that is stored: only the resource's fields are told. */
function ownFields({ scope }: Position): Stage {
  return { $project: { _id: 0, ...Object.fromEntries([...scope].map(([name, { path }]) => [name, `$${path}`])) } };
}
