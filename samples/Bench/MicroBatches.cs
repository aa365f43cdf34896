using Graph.Execution;
using Graph.Models;

namespace Graph.Bench;

/// <summary>
/// In how many micro-batches a training step's samples pass through the model. Activations that are saved for backward are most of a step's memory
/// and are those of one micro-batch; the gradients add up, so the step is the same and its work too.
/// </summary>
internal static class MicroBatches
{
    /// <summary>With so many bytes of arenas, moments and average a process stays below 500 MB: .NET itself takes about 50.</summary>
    private const long Most = 440_000_000;

    /// <summary>The fewest micro-batches that divide the batch and keep the process below 500 MB; one where none does.</summary>
    public static int Fewest(string model, string size, int batch, int threads) =>
        Enumerable.Range(1, batch).FirstOrDefault(count => batch % count == 0 && Bytes(model, size, batch / count, threads) <= Most, 1);

    private static long Bytes(string model, string size, int batch, int threads)
    {
        using var program = (CompiledProgram)ShippedModels.Create(model, size, batch, device: new PlanDevice());
        return PlanBytes.OnCpu(program.Table, threads) + (sizeof(float) * PlanBytes.TrainingCopies * program.Table.WeightFloats);
    }
}
