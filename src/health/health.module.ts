import { Module } from '@nestjs/common';
import { DatabaseRepository } from './database.repository.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';

@Module({ controllers: [HealthController], providers: [DatabaseRepository, HealthService], exports: [HealthService] })
export class HealthModule {}
