using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Numerics;
using Graph.Execution.Ilgpu;
using Graph.Models;

namespace Graph.Samples.Sudoku;

/// <summary>The options, their defaults and their limits; a bad value ends with one sentence and exit code 2.</summary>
internal static class CommandLine
{
    private static readonly Option<string> Model = Choice("--model", "Architecture.", "mamba2", [.. ShippedModels.Names]);
    private static readonly Option<string> Grid = Choice("--grid", "Side of the grid.", "6", ["4", "6", "9"]);
    private static readonly Option<string?> Data = new("--data") { Description = "CSV with columns question,answer; default: puzzles made from the seed (4 and 6)." };
    private static readonly Option<string?> Test = new("--test") { Description = "CSV of held-out puzzles; default: rows of --data are held out." };
    private static readonly Option<int> Blanks = Number("--blanks", "Most blanks of a generated puzzle; 0: 10 of 16 cells, 18 of 36.", 0, 0, 36);
    private static readonly Option<int> Steps = Number("--steps", "Optimiser steps at most, over which the learning rate falls; 0: 2,500 for 4x4, 4,000 for 6x6, as many as the time allows for 9x9.", 0, 0, 100_000_000);
    private static readonly Option<double> Minutes = Number("--minutes", "Minutes at most for everything before the final evaluation.", 2.6, 0.01, 100_000);
    private static readonly Option<int> Batch = Number("--batch", "Puzzles a step.", 32, 1, 65_536);
    private static readonly Option<double> Lr = Number("--lr", "Learning rate after warm-up.", 1e-3, 1e-6, 1);
    private static readonly Option<int> Seed = Number("--seed", "Of puzzles, weights and draws.", 1, 0, int.MaxValue);
    private static readonly Option<int> Threads = Number("--threads", "CPU threads.", Environment.ProcessorCount, 1, 1024);
    private static readonly Option<string> DeviceId = new("--device") { Description = Devices.Help + ".", DefaultValueFactory = _ => "cpu" };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder of the run; default: runs/<model>-grid<grid>-<seed>." };
    private static readonly Option<string?> Resume = new("--resume") { Description = "Folder of a run, or one checkpoint file, to go on from; give the same options as before.", HelpName = "DIR|FILE" };
    private static readonly Option<int> CheckpointEvery = Number("--checkpoint-every", "Steps between checkpoints in the run's folder; 0: none.", 0, 0, 100_000_000);
    private static readonly Option<int> Keep = Number("--keep", "Newest checkpoints that are kept, besides the best.", 3, 1, 100_000);

    public static int Invoke(string[] args, Func<Options, int> run)
    {
        var root = new RootCommand("Trains a recursive model on Sudoku and scores it on held-out puzzles. Data sets on disk: build, train, evaluate, solve, each with --help.")
        {
            Model, Grid, Data, Test, Blanks, Steps, Minutes, Batch, Lr, Seed, Threads, DeviceId, Out, Resume, CheckpointEvery, Keep,
        };
        root.SetAction(parsed => run(Read(parsed)));
        var result = root.Parse(args);
        if (result.Errors.Count > 0 && result.Action is not HelpAction)
        {
            throw new GraphException(result.Errors[0].Message);
        }

        return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static Options Read(ParseResult parsed)
    {
        var options = new Options(
            parsed.GetRequiredValue(Model),
            int.Parse(parsed.GetRequiredValue(Grid), CultureInfo.InvariantCulture),
            parsed.GetValue(Data),
            parsed.GetValue(Test),
            parsed.GetValue(Blanks),
            parsed.GetValue(Steps),
            parsed.GetValue(Minutes),
            parsed.GetValue(Batch),
            parsed.GetValue(Lr),
            parsed.GetValue(Seed),
            parsed.GetValue(Threads),
            parsed.GetRequiredValue(DeviceId),
            parsed.GetValue(Out),
            parsed.GetValue(Resume),
            parsed.GetValue(CheckpointEvery),
            parsed.GetValue(Keep));
        return options switch
        {
            { Grid: 9, Data: null } => throw new GraphException("--grid 9 needs --data FILE: the sample makes puzzles for 4 and 6 only."),
            { Data: null, Test: not null } => throw new GraphException("--test needs --data FILE."),
            _ => options,
        };
    }

    private static Option<string> Choice(string name, string description, string value, string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => value, HelpName = string.Join('|', values) };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !values.Contains(token.Value))
            {
                result.AddError($"{name} {token.Value}: expected one of {string.Join(", ", values)}.");
            }
        });
        return option;
    }

    private static Option<T> Number<T>(string name, string description, T value, T least, T most)
        where T : INumber<T>
    {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => value };
        option.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (T.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            {
                return number;
            }

            result.AddError($"{name} {text}: expected a number from {least} to {most}.");
            return value;
        };
        return option;
    }
}
