using Graph.Execution.Ilgpu;
using Graph.Models;

namespace Graph.Samples.Commands;

/// <summary>All settings of a training run: those that say what is trained, which a checkpoint keeps, and thereby a resumed run.</summary>
internal static class SettingTable
{
    private const double Many = 1L << 40;

    public static IReadOnlyList<Setting> All { get; } =
    [
        new("data", SettingKind.Text, "", "Folder that build wrote."),
        new("model", SettingKind.Text, "trm", "Architecture.", Choices: ShippedModels.Names),
        new("size", SettingKind.Text, "", "Size of the model; empty: a small one that fits the data.", Choices: ["", .. ShippedModels.Sizes]),
        new("batch", SettingKind.Whole, "8", "Examples that pass through the model at once.", 1, 65_536),
        new("micro_batches", SettingKind.Whole, "1", "Batches that make one update.", 1, 65_536),
        new("supervision_steps", SettingKind.Whole, "1", "Supervision steps that make one update.", 1, 1024),
        new("steps", SettingKind.Whole, "1000", "Optimiser steps; 0: epochs decide.", 0, Many),
        new("epochs", SettingKind.Whole, "0", "Passes over the groups, instead of steps.", 0, 1e9),
        new("optimizer", SettingKind.Text, "adam-atan2", "Of the weights.", Choices: ["adam-atan2", "scaled-adam-atan2", "adamw"]),
        new("lr", SettingKind.Number, "0.0001", "Learning rate after warm-up.", 0, 1000),
        new("weight_decay", SettingKind.Number, "0.1", "Of the weights.", 0, 1000),
        new("clip", SettingKind.Number, "0", "Largest gradient norm; 0: no clipping.", 0, 1e30),
        new("warmup_steps", SettingKind.Whole, "-1", "Steps of the linear rise; -1: 2,000 or a tenth of the steps, whichever is less.", -1, Many),
        new("min_lr_ratio", SettingKind.Number, "1", "Learning rate at the end as a share of lr; 1: no fall.", 0, 1),
        new("puzzle_lr", SettingKind.Number, "0.01", "Learning rate of the puzzle table.", 0, 1000),
        new("puzzle_weight_decay", SettingKind.Number, "0.1", "Of the puzzle table.", 0, 1000),
        new("frozen_trunk_steps", SettingKind.Whole, "0", "First steps in which only the puzzle table moves.", 0, Many),
        new("ema", SettingKind.Number, "0.999", "Rate of the weight average, which evaluation uses; 0: none.", 0, 0.999999),
        new("halt_max_steps", SettingKind.Whole, "16", "Supervision steps after which an example ends.", 1, 100_000),
        new("exploration", SettingKind.Number, "0.1", "Chance to forbid an early end.", 0, 1),
        new("seed", SettingKind.Whole, "0", "Of weights, order and draws.", 0, int.MaxValue),
        new("threads", SettingKind.Whole, "0", "CPU threads; 0: one per core. Results do not depend on it.", 0, 1024),
        new("device", SettingKind.Text, "cpu", Devices.Help + "."),
        new("checkpoint_every", SettingKind.Whole, "1000", "Steps between checkpoints; 0: only where it is evaluated, and at the end.", 0, Many),
        new("keep", SettingKind.Whole, "3", "Newest checkpoints that are kept, besides the best.", 1, 100_000),
        new("eval_every", SettingKind.Whole, "0", "Steps between evaluations on held-out examples, by which the best checkpoint is chosen; 0: none.", 0, Many),
        new("eval_limit", SettingKind.Whole, "256", "Held-out examples of such an evaluation; 0: all.", 0, int.MaxValue),
        new("eval_steps", SettingKind.Whole, "0", "Supervision steps of such an evaluation; 0: halt_max_steps.", 0, 100_000),
        new("log_every", SettingKind.Whole, "10", "Steps between lines of metrics.jsonl.", 1, Many),
    ];

    public static Setting Of(string name) => All.Single(setting => setting.Name == name);
}
