using System.Globalization;
using Graph.Execution;
using Graph.Models.Puzzles;

namespace Graph.Samples.Commands;

/// <summary>Prints what a run would be, before any of it is allocated.</summary>
internal static class DryRun
{
    public static void Print(TrainSettings settings, Plan plan, MemoryNeed memory, DataSetMetadata data, Device device, TextWriter output)
    {
        var steps = settings.Steps(data);
        var perStep = plan.TrainingFlops * settings.Slots / settings.Batch * settings.SupervisionSteps;
        var rate = FlopRate.Measure(settings.Model, device);
        var table = plan.PuzzleWidth == 0 ? "no puzzle table" : $"puzzle table {data.NumPuzzleIdentifiers:N0} x {plan.PuzzleWidth}";
        Line("model", $"{settings.Model}, {settings.Size}: {plan.Parameters:N0} parameters, {table}");
        Line("data", $"{data.TotalGroups:N0} groups, {data.MeanPuzzleExamples:0.###} examples a puzzle, {data.SeqLen} cells, {data.VocabSize} tokens");
        Line("steps", $"{steps:N0} of {settings.Slots:N0} examples, {settings.SupervisionSteps} supervision step{(settings.SupervisionSteps == 1 ? "" : "s")} each");
        Line("FLOPs a step", Scaled(perStep));
        Line("FLOPs in total", Scaled(perStep * steps));
        Line("time", $"{Time(perStep * steps / rate)} at {Scaled(rate)}/s, measured on {settings.Model} {FlopRate.Size} on {device.Id}; without evaluation and data, and large grids may run slower");
        Line("peak memory", $"{MemoryNeed.Text(memory.Total)} (program {MemoryNeed.Text(memory.Program)}, training {MemoryNeed.Text(memory.Training)}, puzzle table {MemoryNeed.Text(memory.Puzzles)}); {MemoryNeed.Text(MemoryNeed.Available(device.Id))} available");

        void Line(string name, string value) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-15} {value}"));
    }

    private static string Scaled(double flops)
    {
        string[] units = ["", "kilo", "mega", "giga", "tera", "peta", "exa"];
        var unit = 0;
        while (flops >= 1000 && unit < units.Length - 1)
        {
            (flops, unit) = (flops / 1000, unit + 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{flops:0.0} {units[unit]}FLOP");
    }

    private static string Time(double seconds) => seconds < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} seconds")
        : seconds < 7200 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} minutes") : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:N0} hours");
}
