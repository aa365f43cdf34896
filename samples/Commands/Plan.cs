using Graph.Execution;
using Graph.Execution.Ilgpu;
using Graph.Models;
using Graph.Training;

namespace Graph.Samples.Commands;

/// <summary>What a model of one size and batch needs and does, known without allocating it.</summary>
internal sealed class Plan
{
    private readonly CompiledProgram program;

    /// <exception cref="GraphException">There is no such model or size.</exception>
    public Plan(string model, string size, int batch, Device device)
    {
        try
        {
            program = (CompiledProgram)ShippedModels.Create(model, size, batch, device: new PlanDevice(device.StoresBfloat16, device.HasTensorCores));
        }
        catch (OverflowException)
        {
            throw new GraphException($"--batch {batch}: {model} {size} has more values than a program can index.");
        }
    }

    public long Parameters => program.ParameterCount;

    public long WeightFloats => program.Table.WeightFloats;

    public int Batch => program.Batch;

    /// <summary>Cells of a puzzle.</summary>
    public int Cells => program.Ports["tokens"].Shape[1];

    public int Vocabulary => program.Ports["logits"].Shape[^1];

    /// <summary>Floats of a puzzle vector; 0: none.</summary>
    public int PuzzleWidth => program.Ports.TryGetValue("puzzle", out var puzzle) ? puzzle.Shape[1] : 0;

    /// <summary>Floats of all carried states.</summary>
    public long StateFloats => program.States.Sum(state => state.Port.Count);

    /// <summary>Floating-point operations of a supervision step in training.</summary>
    public double TrainingFlops => Batch * StepWork.Training(program.Table);

    public long Bytes(Device device, int threads) =>
        device is GpuDevice ? PlanBytes.OnGpu(program) : PlanBytes.OnCpu(program.Table, threads, bfloat16: device.Id != "cpu");

    /// <exception cref="GraphException">The data are of other puzzles than the model's.</exception>
    public void RequireData(string model, string size, int cells, int vocabulary)
    {
        if (cells != Cells || vocabulary > Vocabulary)
        {
            throw new GraphException($"Model {model}, size {size} takes {Cells} cells of {Vocabulary} tokens; the data have {cells} cells of {vocabulary}: choose another --size.");
        }
    }
}
