using System.CommandLine;
using Graph;
using Graph.Execution.Ilgpu;
using Graph.Models;
using Graph.Bench;

var mode = new Argument<string>("mode") { Description = "peak: FMA peak of one core. gemm, attention, scan: kernels on one core and on all threads. step: training steps. infer: steps without gradient. startup: process start to first step. compile: the generator, by model. gpu: the roofline of a step's kernels, against --device where one is given." };
mode.AcceptOnlyFromAmong("peak", "gemm", "attention", "scan", "step", "infer", "startup", "compile", "gpu", StartupReport.Child);
var model = new Option<string>("--model") { Description = "Model of step and infer.", DefaultValueFactory = _ => "trm" };
model.AcceptOnlyFromAmong([.. ShippedModels.Names]);
var size = new Option<string>("--size") { Description = "Its size.", DefaultValueFactory = _ => "sudoku" };
size.AcceptOnlyFromAmong([.. ShippedModels.Sizes]);
Option<int> batch = Count("--batch", "Samples per step.", 8);
var parts = new Option<int>("--micro-batches") { Description = "Of step and startup: parts of the batch that pass through the model one after another. 0: as few as keep the process below 500 MB." };
Option<int> threads = Count("--threads", "Threads that work.", Environment.ProcessorCount);
var device = new Option<string>("--device") { Description = "Device of gpu: " + Devices.Help + ". Without one, what an H100 needs at least.", DefaultValueFactory = _ => "cpu" };
var precision = new Option<string>("--precision") { Description = "fp32, or bf16: of gpu, products on CUDA's tensor cores; of step, infer and gemm, matrix products of the CPU.", DefaultValueFactory = _ => "fp32" };
precision.AcceptOnlyFromAmong("fp32", "bf16");
var json = new Option<bool>("--json") { Description = "Print one JSON object instead." };
var root = new RootCommand("Measures this machine and the compiled models against the FMA peak of the same process. Times are wall time of warm steps. " + StepReport.Formula + " " + KernelReport.Formula + " " + StartupReport.Formula + " " + CompileReport.Formula)
{
    mode, model, size, batch, parts, threads, device, precision, json,
};
root.SetAction(arguments =>
{
    (string what, string name, string dims) = (arguments.GetValue(mode)!, arguments.GetValue(model)!, arguments.GetValue(size)!);
    (int samples, int workers, bool asJson) = (arguments.GetValue(batch), arguments.GetValue(threads), arguments.GetValue(json));
    bool bfloat16 = arguments.GetValue(precision) == "bf16";
    try
    {
        Run();
        return 0;
    }
    catch (GraphException problem)
    {
        Console.Error.WriteLine(problem.Message);
        return 2;
    }

    void Run()
    {
        switch (what)
        {
            case "step" or "infer":
                new StepReport(what, name, dims, samples, Parts(), workers, bfloat16).Run(asJson, Console.Out);
                break;
            case "gpu":
                GpuReport.Run(name, dims, samples, arguments.GetValue(device)!, bfloat16, Console.Out);
                break;
            case "startup":
                StartupReport.Run(name, dims, samples, Parts(), workers, asJson, Console.Out);
                break;
            case "compile":
                CompileReport.Run(asJson, Console.Out);
                break;
            case StartupReport.Child:
                FirstStep.Run(name, dims, samples, Parts(), workers, Console.Out);
                break;
            default:
                KernelReport.Run(what, workers, bfloat16, asJson, Console.Out);
                break;
        }
    }

    int Parts()
    {
        int count = arguments.GetValue(parts);
        if (what == "infer")
        {
            return 1;
        }

        return count == 0 ? MicroBatches.Fewest(name, dims, samples, workers)
            : count > 0 && samples % count == 0 ? count
            : throw new GraphException($"--micro-batches {count}: expected a divisor of the batch, {samples}, or 0.");
    }
});
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    Console.Error.WriteLine(parsed.Errors[0].Message);
    return 2;
}

return parsed.Invoke();

static Option<int> Count(string name, string description, int value)
{
    var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
    option.Validators.Add(result =>
    {
        if (result.GetValue(option) is < 1 or > 4096)
        {
            result.AddError($"{name} {result.GetValue(option)}: expected 1 to 4096.");
        }
    });
    return option;
}
