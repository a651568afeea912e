import type { FactoryProvider, Type } from '@nestjs/common';
import { getModelToken } from '@nestjs/mongoose';
import type { Connection, Model, Schema } from 'mongoose';
import { BERTH_CONNECTION } from './connection.js';

/**
 * The model of a document class on Berth's connection, for `@InjectModel(Document.name)`. It is there when its indexes
 * are: unique ones decide races, so none may be missing at the first write.
 */
export function modelProvider<T>(document: Type<T>, schema: Schema<T>): FactoryProvider<Promise<Model<T>>> {
  return {
    provide: getModelToken(document.name),
    inject: [BERTH_CONNECTION],
    useFactory: async (connection: Connection) => {
      const model =
        (connection.models[document.name] as Model<T> | undefined) ?? connection.model<T>(document.name, schema);
      await model.init();
      return model;
    },
  };
}
