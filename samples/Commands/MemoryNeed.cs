using System.Globalization;
using Graph.Execution;
using Graph.Execution.Ilgpu;

namespace Graph.Samples.Commands;

/// <summary>
/// The bytes that a run will hold at its peak, part by part, and whether there are so many. On a GPU those that it holds there: training's part
/// is then in the program's, and the puzzle table stays with the host.
/// </summary>
/// <param name="Program">The model: weights, gradients, activations.</param>
/// <param name="Training">Moments, weight average, states that wait.</param>
/// <param name="Puzzles">The puzzle table.</param>
internal sealed record MemoryNeed(long Program, long Training, long Puzzles)
{
    public long Total => Program + Training + Puzzles;

    public static MemoryNeed OfTraining(Plan plan, TrainSettings settings, Device device, long identifiers)
    {
        if (device is GpuDevice)
        {
            return new MemoryNeed(plan.Bytes(device, settings.Threads), 0, 0);
        }

        var parts = (settings.Slots / settings.Batch) * settings.SupervisionSteps;

        // The evaluator keeps the model's states aside; micro-batches wait outside the model.
        var states = plan.StateFloats * (1 + (settings.Slots > settings.Batch ? settings.Slots / settings.Batch : 0));
        var vectors = (long)parts * settings.Batch * plan.PuzzleWidth;
        return new MemoryNeed(plan.Bytes(device, settings.Threads), sizeof(float) * ((PlanBytes.TrainingCopies * plan.WeightFloats) + states + vectors), sizeof(float) * identifiers * plan.PuzzleWidth);
    }

    public static MemoryNeed OfEvaluation(Plan plan, int threads, Device device, long identifiers) => device is GpuDevice
        ? new(plan.Bytes(device, threads), 0, 0)
        : new(plan.Bytes(device, threads), sizeof(float) * plan.StateFloats, sizeof(float) * identifiers * plan.PuzzleWidth);

    /// <summary>Bytes that are free for a run; on a GPU those of the device, which its programs share.</summary>
    public static long Available(string device)
    {
        if (!Devices.IsCpu(device))
        {
            var found = GpuDevice.List().FirstOrDefault(listed => listed.Id == device.Split(',')[0]);
            return found.MemoryBytes > 0 ? found.MemoryBytes : long.MaxValue;
        }

        // The collector knows the container's limit; the kernel knows what others already use.
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return Math.Min(limit, Free() ?? limit);
    }

    /// <summary>Refuses a run on the CPU for which memory does not suffice. A GPU's program refuses by itself, and names the batch that fits.</summary>
    /// <exception cref="GraphException">There is not so much memory.</exception>
    public void Require(string device, int batch)
    {
        var available = Available(device);
        if (Devices.IsCpu(device) && Total > available)
        {
            throw new GraphException($"The run needs {Text(Total)} of memory at batch {batch}, and {Text(available)} are available on {device}: take a smaller --batch or --size.");
        }
    }

    public static string Text(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):N0} MB");

    private static long? Free()
    {
        const string File = "/proc/meminfo";
        if (!System.IO.File.Exists(File))
        {
            return null;
        }

        var line = System.IO.File.ReadLines(File).FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return line is not null && long.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], out var kilobytes) ? kilobytes << 10 : null;
    }
}
