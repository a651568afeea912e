import type { FactoryProvider, Type } from '@nestjs/common';
import { getModelToken } from '@nestjs/mongoose';
import type { CreateIndexesOptions, IndexSpecification } from 'mongodb';
import type { Connection, Model, Schema } from 'mongoose';
import { BERTH_CONNECTION } from './connection.js';

/** An index over many documents is made in minutes. The driver hands the option on, and its types do not name it. */
const unhurried: object = { socketTimeoutMS: 600_000 };

/**
 * The model of a document class on Berth's connection, for `@InjectModel(Document.name)`. It is there when its indexes
 * are: unique ones decide races, so none may be missing at the first write.
 */
export function modelProvider<T>(document: Type<T>, schema: Schema<T>): FactoryProvider<Promise<Model<T>>> {
  return {
    provide: getModelToken(document.name),
    inject: [BERTH_CONNECTION],
    useFactory: async (connection: Connection) => {
      const known = connection.models[document.name] as Model<T> | undefined;
      const model = known ?? connection.model<T>(document.name, schema.set('autoIndex', false));
      await model.init();
      for (const [fields, options] of schema.indexes()) {
        const index: CreateIndexesOptions = { ...(options as CreateIndexesOptions), ...unhurried };
        await model.collection.createIndex(fields as IndexSpecification, index);
      }
      return model;
    },
  };
}
